/** Says what is going on, on standard error: a step that takes long says how long it has taken. */
export class Progress {
  readonly #terminal = process.stderr.isTTY;
  #timer: NodeJS.Timeout | undefined;

  /** Runs a step; while it takes longer than two seconds, its time is shown. */
  async step<T>(what: string, work: () => Promise<T>): Promise<T> {
    const start = Date.now();
    const seconds = () => ((Date.now() - start) / 1_000).toFixed(1);
    this.#write(`${what} …`);
    this.#timer = setInterval(() => this.#write(`${what} … ${seconds()} s`), this.#terminal ? 1_000 : 10_000);
    try {
      const result = await work();
      this.#end(`${what}: done in ${seconds()} s`);
      return result;
    } catch (error) {
      this.#end(`${what}: failed after ${seconds()} s`);
      throw error;
    } finally {
      clearInterval(this.#timer);
    }
  }

  /** A line of its own. */
  line(text: string): void {
    process.stderr.write(`${this.#terminal ? '\r\x1b[K' : ''}${text}\n`);
  }

  #write(text: string): void {
    if (this.#terminal) process.stderr.write(`\r\x1b[K${text}`);
    else process.stderr.write(`${text}\n`);
  }

  #end(text: string): void {
    this.line(text);
  }
}
