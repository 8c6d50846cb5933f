import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { idMap } from './id-map.js';
import { type Lock, lock } from './lock.js';
import { Sandbox } from './sandbox.js';
import { BuildError } from './types.js';

export interface LockOptions {
  /** Whether to wait for a lock that another holds; default true. */
  readonly wait?: boolean;
  readonly signal?: AbortSignal;
}

/** The folder that keeps roots, layers and packages between builds, and the private folder of each one at work. */
export class Cache {
  /** Absolute path; what a sandbox sees of it is relative to here. */
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = resolve(directory);
  }

  /** Opens a cache and removes what builds that were killed left in it. */
  static async open(directory: string): Promise<Cache> {
    const cache = new Cache(directory);
    for (const name of ['bases', 'debs', 'layers', 'run', 'sources', 'suites']) {
      await mkdir(cache.path(name), { recursive: true });
    }
    if (userInfo().uid === 0) {
      // A sandbox starts here, and root's own ids, which could enter anything, are not in it.
      const { mode } = await stat(cache.directory);
      await chmod(cache.directory, (mode & 0o7777) | 0o011);
    }
    await cache.sweep();
    return cache;
  }

  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  /**
   * Takes the lock of this name; another's is waited for unless `wait` is false.
   *
   * @throws BuildError of stage `locked`
   */
  async lock(name: string, { wait = true, signal }: LockOptions = {}): Promise<Lock> {
    const file = this.path('locks', name);
    if (wait) return await lock(file, { signal });
    const held = await lock(file, { wait, signal });
    if (held) return held;
    throw new BuildError({
      class: 'infrastructure',
      stage: 'locked',
      message: `Another build is making ${name} in ${this.directory}; wait for it, or build without --no-wait.`,
    });
  }

  /** Makes a private folder; when it is disposed of, or this process is gone, it is removed. */
  async workFolder(): Promise<WorkFolder> {
    const name = randomBytes(8).toString('hex');
    const held = await lock(this.path('run', `${name}.lock`));
    await mkdir(this.path('run', name));
    return new WorkFolder(this, join('run', name), held);
  }

  /** Makes a directory that belongs to a root's own root user. */
  async mkdirInside(path: string): Promise<void> {
    const { user, uids, gids } = await idMap();
    const directory = this.path(path);
    await mkdir(directory, { recursive: true, mode: 0o755 });
    if (user.id === 0) await chown(directory, uids[0]?.outside ?? 0, gids[0]?.outside ?? 0);
  }

  /** Removes a tree whose files may belong to users of a root. */
  async remove(path: string): Promise<void> {
    try {
      await rm(path, { recursive: true, force: true });
    } catch {
      await using sandbox = await Sandbox.start({ cacheDir: this.directory, network: false });
      await sandbox.run(['rm', '-rf', '--', relative(this.directory, path)]);
      await rm(path, { recursive: true, force: true });
    }
  }

  private async sweep(): Promise<void> {
    for (const name of await readdir(this.path('run'))) {
      if (!name.endsWith('.lock')) continue;
      await using held = await lock(this.path('run', name), { wait: false });
      if (held) await this.removeWork(name.slice(0, -'.lock'.length));
    }
  }

  /** Removes a private folder, the folder outside of the cache that it was filling, and its lock. */
  async removeWork(name: string): Promise<void> {
    const aside = await readFile(this.path('run', name, 'aside'), 'utf8').catch(() => '');
    if (aside) await this.remove(aside);
    await this.remove(this.path('run', name));
    await rm(this.path('run', `${name}.lock`), { force: true });
  }
}

/** A private folder in the cache. */
export class WorkFolder implements AsyncDisposable {
  constructor(
    readonly cache: Cache,
    /** Path relative to the cache. */
    readonly relativePath: string,
    private readonly held: Lock,
  ) {}

  path(...parts: readonly string[]): string {
    return this.cache.path(this.relativePath, ...parts);
  }

  /** Names a folder outside of the cache that is to be removed together with this one. */
  async coversToo(path: string): Promise<void> {
    await writeFile(this.path('aside'), path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cache.removeWork(this.relativePath.slice('run/'.length));
    await this.held[Symbol.asyncDispose]();
  }
}
