import { BuildError, type SourcePackage } from './types.js';
export interface FetchSourceRequest {
  readonly name: string;
  /** Default: the newest in the suite. */
  readonly version?: string;
  readonly suite: string;
  readonly mirror: string;
  /** Keyring for the mirror's signatures; default: Debian's. */
  readonly keyring?: string;
  /** Existing directory that receives the files. */
  readonly dir: string;
  /** Where the mirror's indices are kept between calls. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal;
}
export async function fetchSource(request: FetchSourceRequest): Promise<SourcePackage> {
  throw new BuildError({ class: 'infrastructure', stage: 'source', message: `not yet: ${request.name}` });
}
