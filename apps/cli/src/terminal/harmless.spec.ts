import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { harmless, harmlessLine } from './harmless.js';

describe('harmless', () => {
  it('takes colours, titles and links out', () => {
    assert.equal(harmless('\x1b[1;31merror\x1b[0m'), 'error');
    assert.equal(harmless('\x1b]0;title\x07text'), 'text');
    assert.equal(harmless('\x1b]8;;http://x\x07link\x1b]8;;\x07'), 'link');
  });

  it('shows what is left of control characters', () => {
    assert.equal(harmless('a\x1b'), 'a␛');
    assert.equal(harmless('a\x08b\x00'), 'a␈b␀');
    assert.equal(harmless('\x9b2J\u202etxt.exe\x85'), '\ufffdtxt.exe\ufffd');
  });

  it('does not let a line be written over', () => {
    assert.equal(harmless('50 %\r100 %\r\n'), '50 %\n100 %\n');
    assert.equal(harmless('line\r'), 'line');
  });

  it('leaves text, tabs and other writing alone', () => {
    assert.equal(harmless('\tgrößer 構築 🙂'), '\tgrößer 構築 🙂');
  });

  it('leaves nothing that steers a terminal, whatever it is given', () => {
    const byte = fc.integer({ min: 0, max: 0x9f }).map(code => String.fromCharCode(code));
    const steering = fc.constantFrom('\x1b[', '\x1b]', '\x9b', '\x1bP', '\x07', '\x1b\\', '\r', 'm', ';');
    fc.assert(
      fc.property(fc.array(fc.oneof(byte, steering)), parts => {
        assert.doesNotMatch(harmless(parts.join('')), /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
      }),
    );
  });
});

describe('harmlessLine', () => {
  it('is one line', () => {
    assert.equal(harmlessLine(' two\n lines\r '), 'two lines');
  });
});
