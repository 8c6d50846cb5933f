import { once } from 'node:events';
import { type Cell, table } from './table.js';

/** Results, on standard output. A slow reader slows the writer down. */
export class Output {
  /** Columns of the terminal; none when it is no terminal. */
  get width(): number | undefined {
    return process.stdout.isTTY ? process.stdout.columns : undefined;
  }

  async line(text = ''): Promise<void> {
    if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
  }

  async table(headings: readonly string[], rows: readonly (readonly (string | Cell)[])[]): Promise<void> {
    for (const line of table(headings, rows, this.width)) await this.line(line);
  }

  /** For programs: indented, or on a single line where there is one of many. */
  async json(value: unknown, indent = 2): Promise<void> {
    await this.line(JSON.stringify(value, null, indent));
  }
}
