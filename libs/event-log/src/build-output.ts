import { type JetStreamClient, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { BUILD_OUTPUT_STREAM, buildOutputSubject } from '@tumbi/contracts';
import { orderedMessages } from './ordered-messages.js';
import { pause } from './outage.js';

/** A few lines of a running build's log, as one message. Not history: the whole log becomes a blob at the end. */
export interface OutputLines {
  readonly attempt: number;
  /** Number of the first line, from 1 within the attempt's log. */
  readonly first: number;
  /** Without line ends. */
  readonly lines: readonly string[];
}

/** What a person who follows should know and the log does not say, such as that a base root is being made. */
export interface OutputNote {
  readonly attempt: number;
  readonly note: string;
}

export type Output = OutputLines | OutputNote;

/** Live output stops after this; the stored log has everything. */
export const LIVE_OUTPUT_BYTES = 16 * 1024 * 1024;
/** Characters of a line that are shown live, so that a message stays far below the server's limit of 1 MiB. */
export const LIVE_LINE_LENGTH = 8 * 1024;
const FLUSH_BYTES = 32 * 1024;
const FLUSH_AFTER = 100;
/** Milliseconds that the end of a build waits for lines to be sent. */
const CLOSE_PATIENCE = 5_000;

/** Sends the lines of one attempt as they come. Best effort: an outage never fails a build. */
export class OutputWriter {
  readonly #js: JetStreamClient;
  readonly #subject: string;
  #lines: string[] = [];
  #bytes = 0;
  #sent = 0;
  #next = 1;
  #timer: NodeJS.Timeout | undefined;
  #tail: Promise<void> = Promise.resolve();

  constructor(
    connection: NatsConnection,
    buildId: string,
    private readonly attempt: number,
  ) {
    this.#js = jetstream(connection, { timeout: 2_000 });
    this.#subject = buildOutputSubject(buildId);
  }

  /** Takes whole lines, each ending in a newline. */
  write(text: string): void {
    if (this.#sent >= LIVE_OUTPUT_BYTES) return;
    for (const whole of text.replace(/\n$/, '').split('\n')) {
      const line = whole.length > LIVE_LINE_LENGTH ? `${whole.slice(0, LIVE_LINE_LENGTH)}…` : whole;
      this.#lines.push(line);
      this.#bytes += line.length + 1;
      if (this.#bytes >= FLUSH_BYTES) this.#flush();
      if (this.#sent < LIVE_OUTPUT_BYTES) continue;
      this.note('The live output ends here; the stored log will have all of it.');
      return;
    }
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_AFTER);
  }

  /** Sends a note at once. */
  note(note: string): void {
    this.#flush();
    this.#send({ attempt: this.attempt, note });
  }

  /** Returns when what was written has been sent, or could not be. */
  async close(): Promise<void> {
    this.#flush();
    const patience = new AbortController();
    await Promise.race([this.#tail, pause(CLOSE_PATIENCE, patience.signal)]);
    patience.abort();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#lines.length) return;
    this.#send({ attempt: this.attempt, first: this.#next, lines: this.#lines });
    this.#next += this.#lines.length;
    this.#sent += this.#bytes;
    this.#lines = [];
    this.#bytes = 0;
  }

  #send(output: Output): void {
    const payload = JSON.stringify(output);
    this.#tail = this.#tail.then(async () => {
      await this.#js.publish(this.#subject, payload).catch(() => undefined);
    });
  }
}

/** The output of a build from the oldest that is kept, and then as they come, until the signal aborts. */
export async function* readOutput(
  connection: NatsConnection,
  buildId: string,
  signal: AbortSignal,
): AsyncGenerator<Output> {
  const subjects = [buildOutputSubject(buildId)];
  const messages = orderedMessages(connection, BUILD_OUTPUT_STREAM, {
    from: 1,
    subjects,
    signal,
    ahead: 100,
  });
  for await (const message of messages) yield message.json<Output>();
}
