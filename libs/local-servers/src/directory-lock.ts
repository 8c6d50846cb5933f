import { readFileSync } from 'node:fs';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that cannot be mistaken for a later one with the same number: `started` is in clock ticks since boot. */
interface ProcessIdentity {
  pid: number;
  started: string;
}

interface LockContent {
  owner: ProcessIdentity;
  server?: ProcessIdentity;
}

/** One live process at a time uses a server's directory; what a dead one left running is ended first. */
export class DirectoryLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Takes the directory, which is made when missing (0700).
   * @throws Error when a live process has it
   */
  static async take(dir: string): Promise<DirectoryLock> {
    await mkdir(dirname(dir), { recursive: true });
    await mkdir(dir, { mode: 0o700 }).catch(ignoreExisting);
    const path = join(dir, 'lock.json');
    while (!(await createExclusively(path, { owner: identify(process.pid) }))) {
      const content = await readLock(path);
      if (content === undefined) {
        continue;
      }
      if (isAlive(content.owner)) {
        throw new Error(
          `${dir} is in use by process ${content.owner.pid}: stop it, or choose another folder with TUMBI_HOME.`,
        );
      }
      if (content.server !== undefined) {
        await end(content.server);
      }
      await rm(path, { force: true });
    }
    return new DirectoryLock(path);
  }

  /** Notes the server's process, so that the next owner can end it should this one be killed. */
  async guards(serverPid: number): Promise<void> {
    const content: LockContent = { owner: identify(process.pid), server: identify(serverPid) };
    await writeFile(this.#path, JSON.stringify(content));
  }

  async release(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

async function createExclusively(path: string, content: LockContent): Promise<boolean> {
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await writeFile(draft, JSON.stringify(content), { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    ignoreExisting(error);
    return false;
  } finally {
    await rm(draft);
  }
}

function ignoreExisting(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
    throw error;
  }
}

async function readLock(path: string): Promise<LockContent | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    if (error instanceof SyntaxError) {
      await rm(path, { force: true }); // cut short by a crash
      return undefined;
    }
    throw error;
  }
}

function identify(pid: number): ProcessIdentity {
  return { pid, started: startTime(pid) ?? 'unknown' };
}

/** Field 22 of proc(5)'s /proc/PID/stat, or undefined when the process has ended (a zombie has, too). */
function startTime(pid: number): string | undefined {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return afterName[0] === 'Z' ? undefined : afterName[19];
  } catch {
    return undefined;
  }
}

function isAlive(one: ProcessIdentity): boolean {
  return startTime(one.pid) === one.started;
}

async function end(one: ProcessIdentity): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (isAlive(one)) {
      process.kill(one.pid, signal);
    }
    for (let waited = 0; isAlive(one) && waited < 5_000; waited += 50) {
      await sleep(50);
    }
  }
}
