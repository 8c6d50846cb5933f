import { styleText } from 'node:util';
import { harmlessLine } from './harmless.js';

type Style = Parameters<typeof styleText>[0];

/** A text of a table, with how it looks on a terminal. */
export interface Cell {
  readonly text: string;
  readonly style: Style;
}

const GAP = '  ';
const NARROWEST = 8;

/**
 * Rows under headings, as lines. When a width is given, the widest columns are cut until the table fits.
 * @param width in characters; none cuts nothing
 */
export function table(
  headings: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
  width = Infinity,
): string[] {
  const cells = [
    headings.map(heading => ({ text: heading, style: 'bold' as Style })),
    ...rows.map(row => row.map(cell)),
  ];
  const widths = fit(
    headings.map((_, column) => Math.max(...cells.map(row => row[column]?.text.length ?? 0))),
    width,
  );
  return cells.map(row =>
    row
      .map(({ text, style }, column) => {
        const room = widths[column] ?? 0;
        const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text;
        // The last column has no blanks behind it.
        return styleText(style, shown) + (column < row.length - 1 ? ' '.repeat(room - shown.length) : '');
      })
      .join(GAP),
  );
}

function cell(given: string | Cell): Cell {
  return typeof given === 'string'
    ? { text: harmlessLine(given), style: 'reset' }
    : { ...given, text: harmlessLine(given.text) };
}

function fit(widths: readonly number[], room: number): number[] {
  const fitted = [...widths];
  const total = () => fitted.reduce((sum, one) => sum + one + GAP.length, -GAP.length);
  while (total() > room) {
    const widest = Math.max(...fitted);
    if (widest <= NARROWEST) break;
    fitted[fitted.indexOf(widest)] = widest - 1;
  }
  return fitted;
}
