import { ApiError, Unreachable } from './errors.js';
import { Patience } from './patience.js';
import { readServerEvents } from './server-events.js';
import type { Call, CallOptions, ServerEvent, Transport } from './transport.js';

export interface HttpOptions {
  /** Of the gateway, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly token?: string;
  /** Milliseconds to wait in all for a server that is away; default: a minute. */
  readonly patience?: number;
  /** Is told, in a sentence, that the server is away and will be tried again: once, until it answers. */
  readonly onWait?: (why: string) => void;
}

/** Calls over HTTP. What is safe to repeat is tried again while the server is away. */
export class HttpTransport implements Transport {
  /** A server that never answered is more likely a wrong address than an outage. */
  #answered = false;
  #away = false;

  constructor(private readonly options: HttpOptions) {}

  json<T>(call: Call, options: CallOptions): Promise<T> {
    return this.#patiently(call, options, async response => {
      try {
        return (await response.json()) as T;
      } catch (error) {
        throw new Unreachable(`The answer of ${this.options.url} broke off or is no JSON.`, { cause: error });
      }
    });
  }

  response(call: Call, options: CallOptions): Promise<Response> {
    return this.#patiently(call, options, async response => response);
  }

  /** Connects again when the connection ends, behind the last event; the reader stops when it has what it wants. */
  async *events<E extends ServerEvent<string, unknown>>(
    call: Call,
    options: CallOptions,
  ): AsyncGenerator<E, void> {
    const patience = this.#patience();
    let { lastEventId } = options;
    while (!options.signal?.aborted) {
      try {
        const { body } = await this.#once(call, { ...options, lastEventId });
        for await (const event of body ? this.#untilItBreaks(body) : []) {
          lastEventId = event.id ?? lastEventId;
          patience.renew();
          yield event as E;
        }
        throw new Unreachable(`The stream of ${this.options.url} ended.`);
      } catch (error) {
        if (options.signal?.aborted) return;
        await this.#waitOrThrow(error, true, patience, options.signal);
      }
    }
  }

  /** The events of one connection. One that breaks has ended, and so has one whose source the server lost. */
  async *#untilItBreaks(
    body: ReadableStream<Uint8Array>,
  ): AsyncGenerator<ServerEvent<string, unknown>, void> {
    try {
      for await (const event of readServerEvents(body)) {
        if (event.event === 'error') return;
        yield event;
      }
    } catch {
      return;
    }
  }

  async #patiently<T>(
    call: Call,
    options: CallOptions,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const patience = this.#patience();
    for (;;) {
      try {
        return await read(await this.#once(call, options));
      } catch (error) {
        await this.#waitOrThrow(error, isRepeatable(call), patience, options.signal);
      }
    }
  }

  #patience(): Patience {
    return new Patience(this.options.patience ?? 60_000);
  }

  async #once(call: Call, options: CallOptions): Promise<Response> {
    const { signal } = options;
    const response = await fetch(this.#address(call), this.#init(call, options)).catch(error => {
      if (signal?.aborted) throw signal.reason;
      throw new Unreachable(`Tumbi at ${this.options.url} cannot be reached: ${reason(error)}.`, {
        cause: error,
      });
    });
    this.#answered = true;
    if (response.ok) {
      this.#away = false;
      return response;
    }
    throw Object.assign(await ApiError.from(response), {
      retryAfter: Number(response.headers.get('retry-after') ?? 0) * 1_000,
    });
  }

  #address({ path, query = {} }: Call): URL {
    const url = new URL(this.options.url.replace(/\/+$/, '') + path);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    return url;
  }

  #init(call: Call, { lastEventId, signal }: CallOptions): RequestInit {
    const headers = new Headers();
    if (this.options.token) headers.set('authorization', `Bearer ${this.options.token}`);
    if (lastEventId !== undefined) headers.set('last-event-id', lastEventId);
    if (call.body !== undefined) headers.set('content-type', 'application/json');
    if (call.bytes) headers.set('content-type', 'application/octet-stream');
    const body = call.body === undefined ? call.bytes?.() : JSON.stringify(call.body);
    return { method: call.method, headers, signal, body, ...(call.bytes ? { duplex: 'half' } : {}) };
  }

  /** Waits when another try makes sense, else throws. */
  async #waitOrThrow(
    error: unknown,
    repeatable: boolean,
    patience: Patience,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const away = error instanceof Unreachable ? this.#answered : isAway(error);
    if (!(error instanceof Error) || !away || !repeatable || patience.exhausted) throw error;
    if (!this.#away) this.options.onWait?.(error.message);
    this.#away = true;
    await patience.wait(signal, 'retryAfter' in error ? Number(error.retryAfter) : 0);
  }
}

function isAway(error: unknown): boolean {
  // 502 and 504 are what a proxy says while the gateway behind it starts.
  return error instanceof ApiError && [502, 503, 504].includes(error.status);
}

/** Reading, and storing bytes under their digest, can be done twice; so can a request that carries its own id. */
function isRepeatable(call: Call): boolean {
  if (call.method !== 'POST') return true;
  return typeof call.body === 'object' && call.body !== null && 'id' in call.body;
}

/** The reason that undici puts behind its "fetch failed". */
function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED')
    return 'nothing listens there';
  return cause instanceof Error ? cause.message || String((cause as { code?: unknown }).code) : String(cause);
}
