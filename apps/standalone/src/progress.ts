/** Says what is going on, on standard error: how long each step takes, and what it is at. */
export class Progress {
  readonly #terminal = process.stderr.isTTY;

  /** Runs a step. It may say what it is at; that is shown with its time while it lasts. */
  async step<T>(what: string, work: (say: (detail: string) => void) => Promise<T>): Promise<T> {
    const start = Date.now();
    const seconds = () => ((Date.now() - start) / 1_000).toFixed(1);
    let detail = '';
    const show = () => this.#show(`${what} … ${seconds()} s${detail && `  ${detail}`}`);
    this.#show(`${what} …`);
    const timer = setInterval(show, this.#terminal ? 500 : 10_000);
    try {
      const result = await work(text => {
        detail = printable(text);
      });
      this.line(`${what}: done in ${seconds()} s`);
      return result;
    } catch (error) {
      this.line(`${what}: failed after ${seconds()} s`);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  /** A line of its own. */
  line(text: string): void {
    process.stderr.write(`${this.#terminal ? '\r\x1b[K' : ''}${text}\n`);
  }

  #show(text: string): void {
    if (this.#terminal) process.stderr.write(`\r\x1b[K${text.slice(0, process.stderr.columns - 1)}`);
    else process.stderr.write(`${text}\n`);
  }
}

/** A line of somebody's log without what a terminal would obey. */
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, ' ').trim();
}
