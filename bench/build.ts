import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { build as debMock, ensureBaseRoot, fetchSource, hostDebianMirror } from '@tumbi/deb-mock';
import { makeSourcePackage } from '@tumbi/deb-mock/testing';
import { type Hub, startHub, testCacheDirectory } from '../apps/standalone/dist/testing/hub.js';
import type { Benchmark, Table } from './benchmark.ts';
import { differences, formatSpread, interleave, ratios, secondsOf, spread } from './measure.ts';
import { temporaryFolder } from './temporary-folder.ts';

const SUITE = 'trixie';
const HELLO = '2.10-3';
const run = promisify(execFile);

/**
 * Time of a whole build, in seconds, with the base root and the layer of build dependencies made before. Three ways
 * build the same .dsc in turn:
 * - sbuild as it comes: `sbuild --chroot-mode=unshare` with a tarball on the disk that mmdebstrap made of the packages
 *   of our base root. sbuild unpacks it, updates and upgrades it, installs the build dependencies by its own
 *   resolver and builds;
 * - Deb-Mock alone: `build()` of `@tumbi/deb-mock`, no server anywhere. sbuild itself runs in the cached root with
 *   the cached layer;
 * - Tumbi: a hub with nats-server, PostgreSQL, a folder as the object store and one runner, as `npm start` has them,
 *   in this process. Its time goes from the start of the upload over HTTP to the RepositoryPublished by which apt
 *   sees the package in its tag, by the event log's own clock.
 *
 * What Tumbi adds is told twice: over Deb-Mock alone in the same round, and beyond the seconds that the same build
 * spent in its build phase (sbuild and the start of its sandbox).
 */
export const build: Benchmark = async ({ quick, home, say }) => {
  process.env.TUMBI_TEST_CACHE = join(home, 'cache');
  await using folder = await temporaryFolder();
  await using hub = await startHub();
  await hub.startRunner();
  say('Making the roots …');
  const tarball = await tarballLikeOurs(join(home, 'bench'));
  const sources = join(folder.path, 'sources');
  const tiny = await makeSourcePackage(join(sources, 'tiny'), { name: 'tumbi-tiny' });
  const hello = await fetchHello(join(sources, 'hello'));
  const benchmark = { hub, tarball, folder: folder.path, say };
  return [
    ...(await buildTimes(benchmark, 'a tiny arch:all package', tiny, quick ? 1 : 5)),
    ...(await buildTimes(benchmark, `hello ${HELLO}`, hello, quick ? 1 : 3)),
  ];
};

interface Surroundings {
  readonly hub: Hub;
  readonly tarball: string;
  readonly folder: string;
  readonly say: (text: string) => void;
}

async function buildTimes(
  { hub, tarball, folder, say }: Surroundings,
  name: string,
  dsc: string,
  counted: number,
): Promise<Table[]> {
  const builds: TumbiBuild[] = [];
  const newFolder = () => mkdtemp(join(folder, 'result-'));
  const seconds = await interleave(
    {
      sbuild: async () => {
        say(`${name}: sbuild as it comes …`);
        const out = await newFolder();
        return secondsOf(() => sbuildAsItComes(tarball, dsc, out));
      },
      debMock: async () => {
        say(`${name}: Deb-Mock alone …`);
        const request = { source: { dsc }, suite: SUITE, cacheDir: testCacheDirectory() };
        const resultDir = await newFolder();
        return secondsOf(async () => {
          const { failure } = await debMock({ ...request, resultDir });
          if (failure) throw new Error(failure.message);
        });
      },
      tumbi: async () => {
        say(`${name}: Tumbi …`);
        const one = await throughTumbi(hub, dsc);
        builds.push(one);
        return one.total;
      },
    },
    { warmUp: 1, counted },
  );
  const row = (way: string, values: number[]) => [
    way,
    formatSpread(spread(values), 2),
    formatSpread(spread(ratios(values, seconds.sbuild)), 2),
    formatSpread(spread(ratios(values, seconds.debMock)), 2),
  ];
  const times: Table = {
    title: `build: ${name}, ${counted} rounds`,
    columns: ['way', 'seconds', 'over sbuild as it comes', 'over Deb-Mock alone'],
    rows: [
      row('sbuild as it comes', seconds.sbuild),
      row('Deb-Mock alone', seconds.debMock),
      row('Tumbi, from request to published', seconds.tumbi),
    ],
  };
  const overDebMock = differences(seconds.tumbi, seconds.debMock);
  return [times, overheadOf(name, builds.slice(-counted), overDebMock)];
}

function overheadOf(name: string, builds: readonly TumbiBuild[], overDebMock: readonly number[]): Table {
  const row = (what: string, values: readonly number[]) => [what, formatSpread(spread(values), 2)];
  const steps = Object.keys(builds[0]?.steps ?? {});
  return {
    title: `build: what Tumbi adds to ${name}`,
    columns: ['what', 'seconds'],
    rows: [
      row('beyond Deb-Mock alone', overDebMock),
      row(
        'beyond its own build phase',
        builds.map(one => one.total - one.buildPhase),
      ),
      ...steps.map(step =>
        row(
          `- ${step}`,
          builds.map(one => one.steps[step] ?? Number.NaN),
        ),
      ),
    ],
  };
}

/** A build through the hub; all in seconds. */
interface TumbiBuild {
  readonly total: number;
  /** What the runner says of sbuild and its sandbox. */
  readonly buildPhase: number;
  /** The rest of the total, in the order in which it passes. */
  readonly steps: Readonly<Record<string, number>>;
}

async function throughTumbi(hub: Hub, dsc: string): Promise<TumbiBuild> {
  const began = Date.now();
  const { id } = await hub.submit(dsc, { tag: 'bench' });
  const { state, message } = await hub.ended(id, 900);
  if (state !== 'Installed') throw new Error(`The build ended ${state}: ${message}`);
  const { body } = await hub.api<{ seconds: Record<string, number> }>('GET', `/api/builds/${id}`);
  const buildPhase = body.seconds.build ?? Number.NaN;
  const times = new Map([
    ...(await recordingTimes(hub, `build=${id}`)),
    ...(await recordingTimes(hub, 'type=RepositoryPublished')),
  ]);
  const seconds = (from: string | undefined, to: string) =>
    ((times.get(to) ?? Number.NaN) - (from === undefined ? began : (times.get(from) ?? Number.NaN))) / 1_000;
  return {
    total: seconds(undefined, 'RepositoryPublished'),
    buildPhase,
    steps: {
      'upload and BuildRequested': seconds(undefined, 'BuildRequested'),
      'to BuildScheduled': seconds('BuildRequested', 'BuildScheduled'),
      'to BuildStarted: source, root and layer at hand': seconds('BuildScheduled', 'BuildStarted'),
      'to BuildSucceeded, less the build phase': seconds('BuildStarted', 'BuildSucceeded') - buildPhase,
      'to RepositoryPublished': seconds('BuildSucceeded', 'RepositoryPublished'),
    },
  };
}

/** When the last event of each type was recorded, in milliseconds since 1970. */
async function recordingTimes(hub: Hub, query: string): Promise<[type: string, time: number][]> {
  const { body } = await hub.api<{ events: { recordedAt: string; event: { type: string } }[] }>(
    'GET',
    `/api/events?limit=1000&${query}`,
  );
  return body.events.map(({ recordedAt, event }) => [event.type.split('.')[1] ?? '', Date.parse(recordedAt)]);
}

async function sbuildAsItComes(tarball: string, dsc: string, out: string): Promise<void> {
  const config = join(out, 'sbuild.conf');
  await writeFile(config, '1;\n');
  await run('sbuild', [...SBUILD, `--chroot=${tarball}`, dsc], {
    cwd: out,
    env: { PATH: process.env.PATH, HOME: out, LC_ALL: 'C.UTF-8', SBUILD_CONFIG: config },
    maxBuffer: 64 * 1024 ** 2,
  });
}

const SBUILD = ['--chroot-mode=unshare', `--dist=${SUITE}`, '--arch-all', '--no-run-lintian', '--nolog'];

/** A tarball from the same mirror and of the same packages as our base root; made again when that changes. */
async function tarballLikeOurs(directory: string): Promise<string> {
  const mirror = hostDebianMirror();
  const { key } = await ensureBaseRoot({ suite: SUITE, mirror, cacheDir: testCacheDirectory() });
  const tarball = join(directory, `${key}.tar`);
  const made: string[] = await readdir(directory).catch(() => []);
  if (made.includes(basename(tarball))) return tarball;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const unfinished = join(directory, 'unfinished.tar');
  await run('mmdebstrap', ['--variant=buildd', '--include=fakeroot,mount', SUITE, unfinished, mirror]);
  await rename(unfinished, tarball);
  return tarball;
}

/** bookworm's, since not every mirror has trixie's source whole. */
async function fetchHello(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const from = { suite: 'bookworm', mirror: hostDebianMirror(), cacheDir: testCacheDirectory() };
  return (await fetchSource({ name: 'hello', version: HELLO, ...from, dir: directory })).dsc;
}
