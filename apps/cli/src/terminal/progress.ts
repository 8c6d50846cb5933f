import { formatDuration } from '../format.js';
import { harmless } from './harmless.js';

/**
 * What goes on, on standard error: lines that stay, and one status that is replaced on a terminal. Where there is no
 * terminal a status is a line, written again every half minute.
 */
export class Progress {
  readonly #terminal = Boolean(process.stderr.isTTY);
  #status: { readonly text: string; readonly since: number } | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** A line of its own. */
  line(text: string): void {
    this.#erase();
    process.stderr.write(`${harmless(text)}\n`);
    this.#show();
  }

  /** What is being done or waited for, until another status or none is set. */
  status(text: string | undefined): void {
    if (text === this.#status?.text) return;
    this.#erase();
    clearInterval(this.#timer);
    this.#status = text === undefined ? undefined : { text, since: Date.now() };
    if (text === undefined) return;
    if (!this.#terminal) process.stderr.write(`${text} …\n`);
    this.#show();
    const again = () => (this.#terminal ? this.#show() : this.line(this.#sentence()));
    this.#timer = setInterval(again, this.#terminal ? 1_000 : 30_000).unref();
  }

  /** Runs a piece of work under a status. */
  async during<T>(text: string, work: () => Promise<T>): Promise<T> {
    this.status(text);
    try {
      return await work();
    } finally {
      this.status(undefined);
    }
  }

  #show(): void {
    if (!this.#terminal || !this.#status) return;
    process.stderr.write(`\r\x1b[K${this.#sentence().slice(0, (process.stderr.columns || 80) - 1)}`);
  }

  #erase(): void {
    if (this.#terminal && this.#status) process.stderr.write('\r\x1b[K');
  }

  #sentence(): string {
    if (!this.#status) return '';
    const seconds = Math.floor((Date.now() - this.#status.since) / 1_000);
    return `${this.#status.text} …${seconds < 2 ? '' : ` ${formatDuration(seconds)}`}`;
  }
}
