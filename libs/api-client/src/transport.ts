/** One request, as the generated operations put it. */
export interface Call {
  readonly method: string;
  /** With its parameters in it, encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly bytes?: ByteSource;
}

/** Opens the bytes to send, once for each try. */
export type ByteSource = () => ReadableStream<Uint8Array>;

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Where a stream of events goes on: the id of the last one that was seen. */
  readonly lastEventId?: string;
}

/** A server-sent event with its data parsed. */
export interface ServerEvent<Name extends string, Data> {
  readonly id: string | undefined;
  readonly event: Name;
  readonly data: Data;
}

/** How the operations reach a server. Each function throws ApiError and Unreachable. */
export interface Transport {
  json<T>(call: Call, options: CallOptions): Promise<T>;
  response(call: Call, options: CallOptions): Promise<Response>;
  events<E extends ServerEvent<string, unknown>>(call: Call, options: CallOptions): AsyncGenerator<E, void>;
}
