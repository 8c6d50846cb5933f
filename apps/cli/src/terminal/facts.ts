import { styleText } from 'node:util';
import { harmlessLine } from './harmless.js';
import { type Cell, styled } from './table.js';

/** Names and values, one per line, the values under each other; a name without a value is left out. */
export function facts(given: readonly (readonly [string, string | Cell | null | undefined])[]): string[] {
  const known = given.flatMap(([name, value]) => (value ? [[name, value] as const] : []));
  const width = Math.max(0, ...known.map(([name]) => name.length));
  return known.map(([name, value]) => {
    const cell = typeof value === 'string' ? { text: value } : value;
    const shown = styled({ ...cell, text: harmlessLine(cell.text) });
    return `${styleText('bold', name)}${' '.repeat(width - name.length)}  ${shown}`;
  });
}
