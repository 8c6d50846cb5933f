import { BuildError, type SourcePackage } from './types.js';
/** Stand-in while the engine is being written. */
export async function readDsc(path: string, _options?: { signal?: AbortSignal }): Promise<SourcePackage> {
  throw new BuildError({ class: 'infrastructure', stage: 'source', message: `not yet: ${path}` });
}
