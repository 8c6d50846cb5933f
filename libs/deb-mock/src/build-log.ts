import { type FileHandle, open } from 'node:fs/promises';

/** A longer line is broken up, so that one line never fills the memory. */
const maximumLine = 64 << 10;

/** This much of the end is kept in memory: sbuild's summary is in it. */
const tailBytes = 64 << 10;

/** A program that writes faster than the disk waits when this much is not yet written. */
const queueBytes = 1 << 20;

/** build.log while it is written: bounded on disk, and in memory whatever is written. */
export class BuildLog {
  private queue: Buffer[] = [];
  private queued = 0;
  private draining: Promise<void> | undefined;
  private error: Error | undefined;
  private pending = Buffer.alloc(0);
  private tail = Buffer.alloc(0);
  private dropped = 0;
  private written = 0;
  private counted = 0;

  private constructor(
    private readonly file: FileHandle,
    private readonly maximumBytes: number,
    private readonly onLog?: (lines: string) => void,
  ) {}

  static async create(
    path: string,
    maximumBytes: number,
    onLog?: (lines: string) => void,
  ): Promise<BuildLog> {
    return new BuildLog(await open(path, 'wx', 0o644), maximumBytes, onLog);
  }

  /** Bytes in the file. */
  get size(): number {
    return this.written;
  }

  /** Lines in the file. */
  get lines(): number {
    return this.counted;
  }

  /** Waits until all that was appended is logged, and gives the last lines, kept or not. */
  async end(): Promise<string> {
    await this.draining;
    if (this.error) throw this.error;
    return this.tail.toString('utf8');
  }

  /** Appends what a program has written; a last line that is not whole waits for its end. */
  async append(chunk: Buffer): Promise<void> {
    if (this.error) throw this.error;
    this.queue.push(chunk);
    this.queued += chunk.length;
    this.draining ??= this.drain().catch(error => this.fail(error));
    if (this.queued > queueBytes) await this.draining;
  }

  /** Appends a line of our own. */
  async note(line: string): Promise<void> {
    await this.draining;
    await this.flush();
    await this.log(Buffer.from(`deb-mock: ${line}\n`));
  }

  /** Ends the log. If some of it was dropped, its end follows after a line that says so. */
  async close(): Promise<void> {
    await this.draining;
    await this.flush();
    if (this.dropped > 0) {
      const note = `deb-mock: the log is longer than ${this.maximumBytes} bytes; ${this.dropped} bytes are left out here, its end follows\n`;
      await this.keep(Buffer.concat([Buffer.from(note), this.tail]));
    }
    await this.file.close();
  }

  /** Logs all that is queued, in as few pieces as it comes: a program may write byte by byte. */
  private async drain(): Promise<void> {
    // Not before append() has noted that this is at work.
    await Promise.resolve();
    while (this.queue.length > 0) {
      const data = Buffer.concat([this.pending, ...this.queue]);
      this.queue = [];
      this.queued = 0;
      const whole = data.lastIndexOf(10) + 1;
      this.pending = Buffer.from(data.subarray(whole));
      if (whole > 0) await this.log(data.subarray(0, whole));
      if (this.pending.length > maximumLine) await this.flush();
    }
    this.draining = undefined;
  }

  private fail(error: unknown): void {
    this.error = error instanceof Error ? error : new Error(String(error));
    this.draining = undefined;
  }

  private async flush(): Promise<void> {
    if (this.pending.length === 0) return;
    const line = Buffer.concat([this.pending, Buffer.from('\n')]);
    this.pending = Buffer.alloc(0);
    await this.log(line);
  }

  private async log(lines: Buffer): Promise<void> {
    this.tail = Buffer.concat([this.tail, lines.subarray(-tailBytes)]).subarray(-tailBytes);
    if (this.dropped > 0 || this.written + lines.length > this.maximumBytes) this.dropped += lines.length;
    else await this.keep(lines);
  }

  private async keep(lines: Buffer): Promise<void> {
    await this.file.write(lines);
    this.written += lines.length;
    for (let at = lines.indexOf(10); at >= 0; at = lines.indexOf(10, at + 1)) this.counted++;
    this.onLog?.(lines.toString('utf8'));
  }
}
