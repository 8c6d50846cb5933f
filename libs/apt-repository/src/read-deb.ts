import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { arMembers } from './ar-members.js';
import { fieldValue, parseControl } from './control.js';
import { InvalidPackage } from './errors.js';
import { checkArchitecture, checkPackageName, checkVersion, sourceName } from './package-rules.js';
import type { BinaryPackage } from './repository.js';
import { readTarFile } from './tar-file.js';

/** What a .deb may cost to read; each has a default that real packages stay far below. */
export interface DebLimits {
  /** Milliseconds that dpkg-deb may take; default 30,000. */
  readonly timeout?: number;
  /** Unpacked bytes of control.tar before the control file is found; default 64 MiB. */
  readonly archive?: number;
  /** Bytes of the control file; default 1 MiB. */
  readonly control?: number;
}

const MIB = 1024 * 1024;

/**
 * Reads a .deb (deb(5)), which may be hostile: its control fields, size and digests. Nothing of it is written to the
 * disk or run, and its data archive is not unpacked. Needs `dpkg-deb`.
 *
 * Rejects with `InvalidPackage`, naming the file, for what is no whole .deb, has control data that
 * breaks Debian Policy, or goes past a limit; a file that cannot be opened keeps its system error.
 */
export async function readDeb(path: string, limits: DebLimits = {}): Promise<BinaryPackage> {
  await using file = await open(path);
  try {
    const { size } = await file.stat();
    checkMembers(await arMembers(file, size));
    const fields = parseControl(await controlText(path, limits));
    const required = (name: string) => {
      const value = fieldValue(fields, name);
      if (value === undefined) throw new InvalidPackage(`Its control data has no ${name} field.`);
      return value;
    };
    const name = checkPackageName(required('Package'));
    const version = checkVersion(required('Version'));
    const architecture = checkArchitecture(required('Architecture'));
    sourceName(fieldValue(fields, 'Source') ?? name);
    const digests = { sha256: createHash('sha256'), md5: createHash('md5') };
    for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) {
      for (const hash of Object.values(digests)) hash.update(chunk);
    }
    const [sha256, md5] = [digests.sha256.digest('hex'), digests.md5.digest('hex')];
    return { name, version, architecture, fields, size, sha256, md5 };
  } catch (error) {
    if (!(error instanceof InvalidPackage)) throw error;
    throw new InvalidPackage(`${basename(path)} is not a usable .deb. ${error.message}`);
  }
}

/** deb(5): debian-binary, control.tar[.*] and data.tar[.*] in this order; names that begin with _ may come between. */
function checkMembers(names: readonly string[]): void {
  const [version, control, data] = names.filter(name => !name.startsWith('_'));
  if (version !== 'debian-binary' || !control?.startsWith('control.tar') || !data?.startsWith('data.tar')) {
    throw new InvalidPackage(`Its ar archive has no debian-binary, control.tar and data.tar in this order.`);
  }
}

async function controlText(path: string, limits: DebLimits): Promise<string> {
  const child = spawn('dpkg-deb', ['--ctrl-tarfile', path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
    // A process group of its own: dpkg-deb unpacks in a child, which has to end with it.
    detached: true,
  });
  let complaint = '';
  child.stderr.on('data', chunk => {
    complaint = `${complaint}${chunk}`.slice(0, 2000);
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    killGroup(child);
  }, limits.timeout ?? 30_000);
  const closed = once(child, 'close');
  try {
    const control = await readTarFile(child.stdout, 'control', {
      archive: limits.archive ?? 64 * MIB,
      file: limits.control ?? MIB,
    });
    if (late) throw new InvalidPackage('Reading its control data took too long.');
    if (control !== undefined) return decode(control);
    await closed;
    const reason = complaint.trim().split('\n').at(-1)?.replaceAll(path, basename(path));
    throw new InvalidPackage(reason ? `${reason}.` : 'It has no control file.');
  } finally {
    clearTimeout(timer);
    // It may still be writing what comes after the control file.
    child.stdout.destroy();
    killGroup(child);
    await closed;
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

function decode(control: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(control);
  } catch {
    throw new InvalidPackage('Its control file is not UTF-8.');
  }
}
