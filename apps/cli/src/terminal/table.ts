import { styleText } from 'node:util';
import { harmlessLine } from './harmless.js';

/** A text of a table, with how it looks on a terminal. */
export interface Cell {
  readonly text: string;
  readonly style?: Parameters<typeof styleText>[0];
}

/** Where a table has to fit. */
export interface Room {
  /** In characters. */
  readonly width: number;
  /** The headings of the columns that may be cut; the others are needed whole. */
  readonly cut: readonly string[];
}

const GAP = '  ';
const NARROWEST = 8;

/** Rows under headings, as lines. With less room than they need, the widest of the columns that may be is cut. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
  room?: Room,
): string[] {
  const cells = [headings.map((text): Cell => ({ text, style: 'bold' })), ...rows.map(row => row.map(cell))];
  const needed = headings.map((_, column) => Math.max(...cells.map(row => row[column]?.text.length ?? 0)));
  const widths = room ? fit(needed, headings, room) : needed;
  return cells.map(row =>
    row
      .map((one, column) => {
        const width = widths[column] ?? 0;
        const text = one.text.length > width ? `${one.text.slice(0, width - 1)}…` : one.text;
        // The last column has no blanks behind it.
        return styled({ ...one, text }) + (column < row.length - 1 ? ' '.repeat(width - text.length) : '');
      })
      .join(GAP),
  );
}

/** The text of a cell as the terminal shows it. */
export function styled({ text, style }: Cell): string {
  return style ? styleText(style, text) : text;
}

function cell(given: string | Cell): Cell {
  return typeof given === 'string'
    ? { text: harmlessLine(given) }
    : { ...given, text: harmlessLine(given.text) };
}

function fit(needed: readonly number[], headings: readonly string[], { width, cut }: Room): number[] {
  const widths = [...needed];
  let missing = widths.reduce((sum, one) => sum + one + GAP.length, -GAP.length) - width;
  while (missing > 0) {
    const cuttable = widths.map((one, column) => (cut.includes(headings[column] ?? '') ? one : 0));
    const widest = Math.max(...cuttable);
    if (widest <= NARROWEST) break;
    widths[cuttable.indexOf(widest)] = widest - 1;
    missing--;
  }
  return widths;
}
