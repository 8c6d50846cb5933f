import { once } from 'node:events';
import { type Cell, table } from './table.js';

/** Results, on standard output. A slow reader slows the writer down. */
export class Output {
  async line(text = ''): Promise<void> {
    if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
  }

  /** @param cut headings of the columns that may be cut on a narrow terminal */
  async table(
    headings: readonly string[],
    rows: readonly (readonly (string | Cell)[])[],
    cut: readonly string[] = [],
  ): Promise<void> {
    const room = process.stdout.isTTY ? { width: process.stdout.columns || 80, cut } : undefined;
    for (const line of table(headings, rows, room)) await this.line(line);
  }

  /** For programs: indented, or on a single line where there is one of many. */
  async json(value: unknown, indent = 2): Promise<void> {
    await this.line(JSON.stringify(value, null, indent));
  }
}
