import type http from 'node:http';
import type https from 'node:https';
import { buffer } from 'node:stream/consumers';

/** A server that has sent and taken nothing for so long counts as gone. */
const IDLE_TIMEOUT_MS = 60_000;

/** An S3 server's answer that it failed: a status of 500 or above. */
export class S3ServerError extends Error {
  /** S3's error code where there is one, else the HTTP status. */
  readonly code: string;

  constructor(status: number, body: string) {
    const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1];
    const code = element('Code') ?? `HTTP ${status}`;
    super(element('Message') ?? `the server answered ${code}`);
    this.name = 'S3ServerError';
    this.code = code;
  }
}

/**
 * node:http's or node:https's `request` for the S3 client. An idle connection is given up, and a server's failure becomes
 * an `S3ServerError`: the client itself would throw away the answer's body, which alone tells a full disk.
 */
export function s3Transport(transport: typeof http | typeof https): Pick<typeof http, 'request'> {
  const request = (options: http.RequestOptions, answered: (response: http.IncomingMessage) => void) => {
    const sent = transport.request(options, response => {
      const { statusCode: status = 0 } = response;
      if (status < 500) {
        answered(response);
        return;
      }
      buffer(response).then(
        body => sent.emit('error', new S3ServerError(status, String(body))),
        error => sent.emit('error', error),
      );
    });
    const idle = new Error(`no answer for ${IDLE_TIMEOUT_MS / 1000} seconds`);
    return sent.setTimeout(IDLE_TIMEOUT_MS, () => sent.destroy(idle));
  };
  return { request: request as typeof http.request };
}
