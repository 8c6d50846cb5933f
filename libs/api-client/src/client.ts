import { openAsBlob } from 'node:fs';
import { v7 } from 'uuid';
import { type Build, type BuildRequest, Operations } from './api.generated.js';
import { ApiError } from './errors.js';
import { type HttpOptions, HttpTransport } from './http-transport.js';
import type { CallOptions } from './transport.js';

/** A file on this machine, to be stored under its digest. */
export interface LocalFile {
  readonly path: string;
  /** SHA-256 in lower-case hexadecimal. */
  readonly sha256: string;
}

/** A client of one server. Every function throws ApiError and Unreachable. */
export class TumbiClient extends Operations {
  /** Asks for a build under an id made here, so that it is one build however often it has to be asked. */
  override requestBuild(body: BuildRequest, options: CallOptions = {}): Promise<Build> {
    return super.requestBuild({ ...body, id: body.id ?? v7() }, options);
  }

  /** Stores a file, unless the server has it. Returns whether its bytes had to be sent. */
  async upload(file: LocalFile, options: CallOptions = {}): Promise<boolean> {
    if (await this.#has(file.sha256, options)) return false;
    const blob = await openAsBlob(file.path);
    await this.putBlob(file.sha256, () => blob.stream(), options);
    return true;
  }

  async #has(sha256: string, options: CallOptions): Promise<boolean> {
    try {
      await this.hasBlob(sha256, options);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return false;
      throw error;
    }
  }
}

/** A client of the server at an address; nothing is sent yet. */
export function connect(options: HttpOptions): TumbiClient {
  return new TumbiClient(new HttpTransport(options));
}
