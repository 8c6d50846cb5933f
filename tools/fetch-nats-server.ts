import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostDebianMirror } from '../libs/deb-mock/src/host-mirror.ts';
import { step } from './progress.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Fetches Debian unstable's nats-server, a static program, and unpacks it to `HOME/tools/nats-server-VERSION`.
 * apt does it with a state of its own: it checks the chain of signatures, and the host's own apt stays as it is.
 */
export async function fetchNatsServer(home: string, logFile: string): Promise<void> {
  const tools = join(home, 'tools');
  mkdirSync(tools, { recursive: true });
  const work = mkdtempSync(join(tools, 'fetch-'));
  try {
    const apt = privateApt(work, hostDebianMirror());
    await step({
      what: "Reading Debian unstable's package lists",
      command: [...apt, 'update'],
      cwd: work,
      logFile,
    });
    const download = [...apt, 'download', 'nats-server'];
    await step({ what: 'Fetching nats-server from Debian unstable', command: download, cwd: work, logFile });
    const deb = readdirSync(work).find(name => /^nats-server_.*\.deb$/.test(name));
    if (deb === undefined) {
      throw new Error(`apt-get download left no nats-server package in ${work}.`);
    }
    const unpacked = join(work, 'unpacked');
    await step({
      what: 'Unpacking it',
      command: ['dpkg-deb', '--extract', join(work, deb), unpacked],
      logFile,
    });
    const version = decodeURIComponent(deb.split('_')[1] ?? '').replace(/[:-].*$/, '');
    const target = join(tools, `nats-server-${version}`);
    rmSync(target, { recursive: true, force: true });
    renameSync(unpacked, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function privateApt(work: string, mirror: string): string[] {
  const source = join(work, 'sid.list');
  writeFileSync(source, `deb [signed-by=${KEYRING}] ${mirror} sid main\n`);
  writeFileSync(join(work, 'status'), '');
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'none']) {
    mkdirSync(join(work, folder), { recursive: true });
  }
  const settings = {
    'Dir::State': join(work, 'state'),
    'Dir::State::status': join(work, 'status'),
    'Dir::Cache': join(work, 'cache'),
    'Dir::Etc::sourcelist': source,
    'Dir::Etc::sourceparts': join(work, 'none'),
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': join(work, 'none'),
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': 'root', // the user _apt could not write to this folder
  };
  return [
    'apt-get',
    '-q',
    ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
  ];
}
