import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { eventually, runs, scratchFolder } from './testing/scratch.js';

const isRoot = process.geteuid?.() === 0;
const NOBODY = 65_534;

const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'];

/** A clone in root's home, for one, can't be entered by others. */
function othersMayEnter(folder: string): boolean {
  return spawnSync('setpriv', [...AS_NOBODY.slice(1), 'test', '-x', folder]).status === 0;
}

/** What stands before the command, by who runs it; and why it is not tried. */
const WAYS: readonly { as: string; prefix: readonly string[]; skip: boolean | string }[] = [
  { as: 'the user who runs the tests', prefix: [], skip: false },
  {
    as: 'an unprivileged user, from root',
    prefix: AS_NOBODY,
    skip: !isRoot || (!othersMayEnter(import.meta.dirname) && 'other users may not enter this checkout'),
  },
  {
    // A chroot is where the kernel refuses user namespaces.
    as: 'root without user namespaces',
    prefix: ['unshare', '--mount', 'sh', '-c', 'mount --rbind / "$0" && exec chroot "$0" "$@"'],
    skip: !isRoot,
  },
];

for (const { as, prefix, skip } of WAYS) {
  describe(`servers of ${as}`, { skip }, () => {
    it('end with a process that is killed, and start again with their data', async t => {
      const folder = await scratchFolder(t);
      const data = join(folder, 'data');
      await mkdir(data, { mode: 0o711 });
      if (prefix[0] === 'setpriv') {
        await chown(data, NOBODY, NOBODY);
      }
      const mountPoint = prefix[0] === 'unshare' ? [join(folder, 'root')] : [];
      for (const path of mountPoint) {
        await mkdir(path);
      }
      const command = [...prefix, ...mountPoint];

      const first = await startBoth(command, data);
      first.process.kill('SIGKILL');
      assert.ok(await eventually(async () => !(await anyRuns(first.pids))), 'a server outlived its owner');

      const second = await startBoth(command, data);
      assert.ok(await anyRuns(second.pids));
      second.process.kill('SIGTERM');
      await once(second.process, 'exit');
      assert.equal(await anyRuns(second.pids), false);
    });
  });
}

async function startBoth(
  prefix: readonly string[],
  data: string,
): Promise<{ process: ChildProcess; pids: number[] }> {
  const script = join(import.meta.dirname, 'testing/start-both.js');
  const [program = '', ...args] = [...prefix, process.execPath, script, data];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(([code]) => assert.fail(`the servers did not start (exit code ${code})`)),
  ]);
  return { process: child, pids: JSON.parse(line).pids };
}

async function anyRuns(pids: readonly number[]): Promise<boolean> {
  return (await Promise.all(pids.map(runs))).some(Boolean);
}
