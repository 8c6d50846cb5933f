import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatControl, parseControl } from './control.js';
import { InvalidPackage } from './errors.js';

describe('A control paragraph', () => {
  it('keeps the fields, their order and their further lines', () => {
    const text =
      'Package: hello\nDescription: a greeting\n It greets.\n .\n \tIndented.\nEmpty:\nList:\n one\n two\n';
    const fields = parseControl(text);
    assert.deepEqual(fields, [
      { name: 'Package', value: 'hello' },
      { name: 'Description', value: 'a greeting\n It greets.\n .\n \tIndented.' },
      { name: 'Empty', value: '' },
      { name: 'List', value: '\n one\n two' },
    ]);
    assert.equal(formatControl(fields), text);
  });

  const refused: Record<string, string> = {
    'a second paragraph': 'Package: a\n\nPackage: b\n',
    'a blank line of spaces': 'Package: a\n   \nFilename: ../../evil\n',
    'a carriage return': 'Package: a\r\nVersion: 1\r\n',
    'a lone carriage return in a value': 'Package: a\rPackage: b\n',
    'a NUL': 'Package: a\u0000b\n',
    'a line separator of Unicode': 'Package: a\nDescription: x\u2028Package: b\n',
    'a field twice': 'Package: a\npackage: b\n',
    'a line without a colon': 'Package: a\nnonsense\n',
    'a continuation before any field': ' Package: a\n',
    'a comment': '#Package: a\n',
    'a name that begins with a dash': '-----BEGIN: a\n',
    'nothing at all': '',
  };
  for (const [what, text] of Object.entries(refused)) {
    it(`cannot have ${what}`, () => {
      assert.throws(() => parseControl(text), InvalidPackage);
    });
  }

  it('cannot be broken out of, whatever the fields hold', () => {
    const nasty = fc.string({
      unit: fc.constantFrom('\n', ' ', '\t', '\r', ':', 'A', 'b', '#', '-', '\u0085', '.'),
    });
    const field = fc.record({ name: nasty, value: nasty });
    fc.assert(
      fc.property(fc.array(field, { maxLength: 4 }), fields => {
        let text: string;
        try {
          text = formatControl(fields);
        } catch (error) {
          return error instanceof InvalidPackage;
        }
        const lines = text.split('\n').slice(0, -1);
        assert.ok(lines.every(line => line.trim() !== ''));
        assert.equal(lines.filter(line => !/^[ \t]/.test(line)).length, fields.length);
        return true;
      }),
      { numRuns: 2000 },
    );
  });
});
