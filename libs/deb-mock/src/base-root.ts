import { type BaseRoot, BuildError } from './types.js';
export interface BaseRootRequest {
  readonly suite: string;
  /** Default: this machine's. */
  readonly architecture?: string;
  readonly mirror: string;
  readonly cacheDir: string;
  readonly keyring?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}
export async function ensureBaseRoot(request: BaseRootRequest): Promise<BaseRoot> {
  throw new BuildError({ class: 'infrastructure', stage: 'base', message: `not yet: ${request.suite}` });
}
