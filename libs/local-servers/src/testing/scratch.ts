import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one test, gone after it. Everybody may go through it, as other users' servers need. */
export async function scratchFolder(t: { after(fn: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tumbi-servers-'));
  await chmod(folder, 0o711);
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Whether a process runs: one that has ended and waits for its parent does not. */
export async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat !== undefined && !/\) Z /.test(stat);
}

/** Waits until the condition holds, up to ten seconds; gives whether it did. */
export async function eventually(condition: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    if (await condition()) {
      return true;
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return false;
}
