import { join } from 'node:path';
import { Sandbox } from './sandbox.js';
import type { BaseRoot } from './types.js';

/**
 * A throw-away root over a base root, with the host's network: for trying what was built, never for building. All
 * that is written in it is in memory and ends with it.
 */
export function openScratchRoot(base: BaseRoot, cacheDir: string): Promise<Sandbox> {
  return Sandbox.start({
    cacheDir,
    network: true,
    root: { lower: [join('bases', base.key, 'root')], upper: { kind: 'memory' } },
  });
}
