import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, readlink, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Identity } from './postgres-identity.js';

const run = promisify(execFile);
const ORPHANS_TIMEOUT_MS = 10_000;

/** The superuser of every cluster made here. */
export const SUPERUSER = 'tumbi';

/**
 * Makes the cluster `dir/data` unless it exists and gives it to the identity that will run it.
 *
 * @param programs the folder of PostgreSQL's programs
 * @returns the superuser's password, kept in `dir/password` (0600)
 */
export async function initialiseCluster(dir: string, programs: string, identity: Identity): Promise<string> {
  const [data, draft, passwordFile] = [join(dir, 'data'), join(dir, 'data.new'), join(dir, 'password')];
  const owner = (await stat(data).catch(() => undefined))?.uid;
  if (owner === undefined) {
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    await chown(draft, identity.uid, identity.gid);
    await writeFile(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
    await chown(passwordFile, identity.uid, identity.gid);
    const [program = '', ...args] = [
      ...identity.prefix,
      join(programs, 'initdb'),
      ...['--pgdata', draft, '--username', SUPERUSER, '--pwfile', passwordFile],
      ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C.UTF-8'],
    ];
    await run(program, args, { cwd: '/' });
    await rename(draft, data);
  } else if (owner !== identity.uid) {
    await takeOver(data, identity);
  }
  return (await readFile(passwordFile, 'utf8')).trim();
}

/**
 * Ends what a killed server left: its workers, which leave by themselves as a rule, and its pid file, which
 * would keep the next one from starting when another process has that number now.
 */
export async function clearRemains(data: string): Promise<void> {
  const deadline = Date.now() + ORPHANS_TIMEOUT_MS;
  for (let orphans = await processesIn(data); orphans.length > 0; orphans = await processesIn(data)) {
    if (Date.now() > deadline) {
      for (const pid of orphans) {
        process.kill(pid, 'SIGKILL');
      }
    }
    await sleep(50);
  }
  await rm(join(data, 'postmaster.pid'), { force: true });
}

async function takeOver(data: string, identity: Identity): Promise<void> {
  if (process.geteuid?.() !== 0) {
    throw new Error(`${data} belongs to another user: run Tumbi as that user, or choose another TUMBI_HOME.`);
  }
  await run('chown', ['--recursive', '--no-dereference', `${identity.uid}:${identity.gid}`, data]);
}

/** All of a cluster's processes have its data directory as their working directory. */
async function processesIn(data: string): Promise<number[]> {
  const pids: number[] = [];
  for (const name of await readdir('/proc')) {
    if (/^\d+$/.test(name) && (await readlink(`/proc/${name}/cwd`).catch(() => '')) === data) {
      pids.push(Number(name));
    }
  }
  return pids;
}
