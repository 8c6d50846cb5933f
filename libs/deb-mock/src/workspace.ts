import { mkdir, readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import type { WorkFolder } from './cache.js';
import type { Upper } from './sandbox.js';

/** A build in memory must leave this much of it to everything else. */
const memoryNeeded = 4 * 2 ** 30;

/** Where a build writes: in memory if there is enough of it, unless the caller chose. */
export async function chooseUpper(
  wanted: 'memory' | 'disk' | undefined,
  sizeBytes: number | undefined,
  work: WorkFolder,
): Promise<Upper> {
  const kind = wanted ?? (memoryServes(release(), await availableMemory()) ? 'memory' : 'disk');
  if (kind === 'memory') return { kind, sizeBytes };
  await mkdir(work.path('build'));
  const path = join(work.relativePath, 'build');
  await work.cache.mkdirInside(join(path, 'upper'));
  await work.cache.mkdirInside(join(path, 'work'));
  return { kind: 'directory', path };
}

/**
 * Whether a tmpfs can be the upper directory of a user's overlay: not before Linux 6.6, which gave it the extended
 * attributes that overlayfs marks replaced directories with.
 */
export function memoryServes(kernel: string, availableBytes: number): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  return (major > 6 || (major === 6 && minor >= 6)) && availableBytes >= memoryNeeded;
}

async function availableMemory(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8');
  return Number(/^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
}
