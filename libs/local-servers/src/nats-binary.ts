import { execFile } from 'node:child_process';
import { access, constants, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Atomic batches came with 2.12; servers before it ignore their headers without a word. */
export const MINIMUM_NATS_SERVER = '2.12.0';

export interface NatsBinary {
  path: string;
  /** For example `2.15.1`. */
  version: string;
}

/**
 * The newest nats-server that is at least MINIMUM_NATS_SERVER: on the PATH, in Debian's /usr/sbin, or where
 * set-up unpacked one, `HOME/tools/nats-server-VERSION`.
 *
 * @param home Tumbi's folder (`TUMBI_HOME`)
 * @throws Error with one sentence that says what was found and how to get a newer one
 */
export async function findNatsServer(home: string): Promise<NatsBinary> {
  const found = await installedNatsServers(home);
  const newest = found.sort((a, b) => compareVersions(b.version, a.version))[0];
  if (newest !== undefined && compareVersions(newest.version, MINIMUM_NATS_SERVER) >= 0) {
    return newest;
  }
  const have = newest === undefined ? 'none is installed' : `${newest.path} is ${newest.version}`;
  throw new Error(
    `nats-server ${MINIMUM_NATS_SERVER} or newer is needed and ${have}: run "npm start" or "npm run demo" once, which fetch one from Debian.`,
  );
}

/** Negative, zero or positive as `a` is older than, the same as or newer than `b`; numbers with dots. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let place = 0; place < Math.max(left.length, right.length); place++) {
    const difference = (left[place] ?? 0) - (right[place] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

async function installedNatsServers(home: string): Promise<NatsBinary[]> {
  const folders = new Set([...(process.env.PATH ?? '').split(':').filter(Boolean), '/usr/sbin']);
  const tools = join(home, 'tools');
  for (const name of await readdir(tools).catch(() => [])) {
    if (name.startsWith('nats-server-')) {
      folders.add(join(tools, name, 'usr/sbin'));
    }
  }
  const found = await Promise.all([...folders].map(folder => askVersion(join(folder, 'nats-server'))));
  return found.filter(binary => binary !== undefined);
}

async function askVersion(path: string): Promise<NatsBinary | undefined> {
  try {
    await access(path, constants.X_OK);
    const { stdout } = await promisify(execFile)(path, ['--version']);
    const version = /v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    return version === undefined ? undefined : { path, version };
  } catch {
    return undefined;
  }
}
