import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Producer } from '@tumbi/contracts';
import { Progress } from '../apps/standalone/dist/progress.js';
import { adminToken } from '../apps/standalone/dist/secrets.js';
import { type Servers, startServers } from '../apps/standalone/dist/servers.js';
import type { Benchmark, Table } from './benchmark.ts';
import { formatSpread, ratios, spread } from './measure.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ROOT = join(import.meta.dirname, '..');
const SERVICES: readonly Producer[] = ['gateway', 'scheduler', 'mock-runner', 'artifact-store'];

const BARE = 'a bare Node.js process';
const ALL = 'all but the bare one';

/** PSS in MiB by what it is the memory of. */
type Sizes = Map<string, number>;

/**
 * Memory of an idle installation: the proportional set size (proc(5), smaps_rollup), which counts a page that n
 * processes share as 1/n in each, 20 seconds after everything had started. The floor is a Node.js process that does
 * nothing, measured at the same moment. Other Node.js processes on the machine make the PSS of all of these smaller,
 * since they share its program.
 *
 * Twice in each round: every service as a process of its own, and all of them in the one of `npm start`. nats-server
 * and PostgreSQL are counted with all their processes. Each round starts with empty data.
 */
export const memory: Benchmark = async ({ quick, home, say }) => {
  const idle = quick ? 5 : 20;
  const rounds = quick ? 1 : 3;
  const apart: Sizes[] = [];
  const together: Sizes[] = [];
  for (let round = 1; round <= rounds; round++) {
    say(`Idle memory, round ${round} of ${rounds} …`);
    apart.push(await servicesApart(idle));
    together.push(await servicesTogether(idle, home));
  }
  return [
    tableOf('memory: each service as a process', apart),
    {
      ...tableOf('memory: all services in one process (npm start)', together),
      remarks: [
        'Debusine 0.11.3, everything idle: 897 MB of PSS, as this project measured it earlier on such a machine; not measured in this run.',
      ],
    },
  ];
};

function tableOf(title: string, rounds: readonly Sizes[]): Table {
  const floors = rounds.map(sizes => sizes.get(BARE) ?? Number.NaN);
  const names = [...(rounds[0]?.keys() ?? [])];
  const row = (name: string, values: number[]) => [
    name,
    formatSpread(spread(values), 0),
    formatSpread(spread(ratios(values, floors)), 2),
  ];
  const rows = names.map(name =>
    row(
      name,
      rounds.map(sizes => sizes.get(name) ?? Number.NaN),
    ),
  );
  const totals = rounds.map(sizes =>
    [...sizes].reduce((sum, [name, size]) => (name === BARE ? sum : sum + size), 0),
  );
  return { title, columns: ['process', 'MiB PSS', 'over a bare Node.js'], rows: [...rows, row(ALL, totals)] };
}

async function servicesApart(idle: number): Promise<Sizes> {
  await using folder = await temporaryFolder();
  const home = folder.path;
  await using servers = await startServers(home, new Progress());
  const { tokensFile } = await adminToken(home);
  await using parts = new AsyncDisposableStack();
  const bare = startNode(parts, IDLE);
  const services = SERVICES.map(service => {
    const main = join(ROOT, 'services', service, 'dist/main.js');
    const settings = settingsOf(service, servers, home, tokensFile);
    return { service, child: startNode(parts, ['--enable-source-maps', main], settings) };
  });
  await pause(idle * 1_000);
  const sizes: Sizes = new Map([[BARE, await sizeOf(running(bare))]]);
  for (const { service, child } of services) sizes.set(service, await sizeOf(running(child)));
  await addServers(sizes, [servers.nats.pid, servers.postgres.pid]);
  return sizes;
}

async function servicesTogether(idle: number, tumbiHome: string): Promise<Sizes> {
  await using folder = await temporaryFolder();
  await symlink(join(tumbiHome, 'tools'), join(folder.path, 'tools'));
  await using parts = new AsyncDisposableStack();
  const bare = startNode(parts, IDLE);
  const program = join(ROOT, 'apps/standalone/dist/start.js');
  const all = startNode(parts, ['--enable-source-maps', program], {
    TUMBI_HOME: folder.path,
    TUMBI_PORT: '0',
  });
  // Written when everything has started.
  while (!(await readdir(folder.path)).includes('address')) {
    running(all);
    await pause(200);
  }
  await pause(idle * 1_000);
  const sizes: Sizes = new Map([[BARE, await sizeOf(running(bare))]]);
  sizes.set('all services', await sizeOf(running(all)));
  await addServers(sizes, await childrenOf(running(all)));
  return sizes;
}

const IDLE = ['--eval', 'setInterval(() => {}, 2 ** 30)'];

/** What a service reads from its environment when it runs alone. */
function settingsOf(
  service: Producer,
  servers: Servers,
  home: string,
  tokens: string,
): Record<string, string> {
  const nats = servers.as(service);
  return {
    TUMBI_NATS_URL: nats.url,
    TUMBI_NATS_USER: nats.user ?? '',
    TUMBI_NATS_PASSWORD: nats.password ?? '',
    TUMBI_STORE: join(home, 'store'),
    TUMBI_POSTGRES_URL: servers.database,
    TUMBI_TOKENS: tokens,
    TUMBI_PORT: '0',
    TUMBI_KEYS_DIR: join(home, 'keys'),
    TUMBI_RUNNER_DIR: join(home, 'runner'),
    TUMBI_CACHE_DIR: join(home, 'cache'),
  };
}

/** A Node.js process that is stopped with the rest. */
function startNode(
  parts: AsyncDisposableStack,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): ChildProcess {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...settings },
  });
  const stop = () => child.kill('SIGTERM');
  process.prependOnceListener('exit', stop);
  parts.defer(async () => {
    process.off('exit', stop);
    if (child.exitCode !== null || child.signalCode !== null) return;
    stop();
    await once(child, 'exit');
  });
  return child;
}

/** A process's id. @throws Error when it has ended */
function running(child: ChildProcess): number {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null)
    throw new Error(`${child.spawnargs.join(' ')} ended before it was measured.`);
  return child.pid;
}

/** Adds the servers among some processes, each with the processes that it has started. */
async function addServers(sizes: Sizes, pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    const name = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
    let size = await sizeOf(pid);
    for (const child of await childrenOf(pid)) size += await sizeOf(child);
    sizes.set(name, size);
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = threads.map(thread => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8'));
  return (await Promise.all(lists)).flatMap(list => list.split(' ').filter(Boolean).map(Number));
}

/** Proportional set size of one process, in MiB. */
async function sizeOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const [, kibibytes] = /^Pss:\s+(\d+) kB$/m.exec(rollup) ?? [];
  if (kibibytes === undefined) throw new Error(`/proc/${pid}/smaps_rollup says no Pss.`);
  return Number(kibibytes) / 1_024;
}
