import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { table } from './table.js';

const rows = [
  ['01a1fd13-beba', 'a-source-with-a-long-name 1.0', { text: 'Installed', style: 'green' as const }],
  ['01a1fd22-a1a6', 'hello', 'Building'],
];
const plain = (lines: readonly string[]) => lines.map(line => stripVTControlCharacters(line));

describe('table', () => {
  it('puts columns under their headings, with nothing behind the last', () => {
    assert.deepEqual(plain(table(['BUILD', 'SOURCE', 'STATE'], rows)), [
      'BUILD          SOURCE                         STATE',
      '01a1fd13-beba  a-source-with-a-long-name 1.0  Installed',
      '01a1fd22-a1a6  hello                          Building',
    ]);
  });

  it('cuts the columns that may be cut, and no others', () => {
    const room = { width: 40, cut: ['SOURCE'] };
    const lines = plain(table(['BUILD', 'SOURCE', 'STATE'], rows, room));
    assert.deepEqual(lines, [
      'BUILD          SOURCE          STATE',
      '01a1fd13-beba  a-source-with…  Installed',
      '01a1fd22-a1a6  hello           Building',
    ]);
  });

  it('leaves a column readable on the narrowest terminal', () => {
    const [, line] = plain(table(['BUILD', 'SOURCE', 'STATE'], rows, { width: 10, cut: ['SOURCE'] }));
    assert.equal(line, '01a1fd13-beba  a-sourc…  Installed');
  });

  it('shows nothing that would steer the terminal', () => {
    assert.deepEqual(plain(table(['A'], [['x\n\x1b[2Jy']])), ['A', 'x y']);
  });
});
