import { writeFile } from 'node:fs/promises';
import { type Build, connect, type TumbiClient } from '@tumbi/api-client';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { findRunning, type Installation, startInstallation, tumbiHome } from './installation.js';
import { Progress } from './progress.js';
import { tryPackage } from './try-package.js';

/** What `--json` writes. */
interface Summary {
  readonly buildId: string;
  /** `hello 2.10-3`. */
  readonly source: string;
  readonly debs: readonly { name: string; version: string; arch: string; sha256: string; size: number }[];
  readonly repository: { readonly url: string; readonly suite: string; readonly keyFingerprint: string };
  /** What the installed package printed. */
  readonly installedOutput: string;
  readonly events: readonly { readonly seq: number; readonly type: string }[];
  readonly seconds: {
    readonly start: number;
    readonly build: number;
    readonly install: number;
    readonly total: number;
  };
}

interface Wanted {
  readonly name: string;
  readonly version?: string;
  /** The suite that the source is taken from. */
  readonly from: string;
}

const DEFAULT_SOURCE = 'hello';
/** Builds for newer suites as well; for mirrors that do not have the newer source whole. */
const OLDER_SUITE = 'bookworm';

const FINAL = new Set(['Installed', 'Build-Attempted', 'BD-Uninstallable', 'Failed', 'Cancelled']);

/** `npm run demo`: one source package, from a Debian mirror into a signed repository, and installed from there. */
async function main(): Promise<void> {
  const options = await yargs(hideBin(process.argv))
    .scriptName('npm run demo --')
    .usage('$0 [options]\n\nBuilds a Debian source package, publishes it, and installs it from there.')
    .option('source', { type: 'string', default: DEFAULT_SOURCE, describe: 'NAME or NAME=VERSION' })
    .option('suite', { type: 'string', default: 'trixie', describe: 'the suite to build for' })
    .option('source-suite', {
      type: 'string',
      describe: 'the suite to take the source from; default: --suite',
    })
    .option('json', { type: 'string', requiresArg: true, describe: 'write a summary to this file' })
    .strict()
    .version(false)
    .parseAsync();
  const began = performance.now();
  const progress = new Progress();
  const home = tumbiHome();
  await using installation = (await findRunning(home)) ?? (await startInstallation(home, progress));
  const started = performance.now();

  const [name = '', version] = options.source.split('=');
  const wanted = { name, ...(version ? { version } : {}), from: options.sourceSuite ?? options.suite };
  const client = connect({ url: installation.url, token: installation.token });
  let build = await buildWith(client, progress, wanted, options.suite);
  const unspecified = options.source === DEFAULT_SOURCE && !options.sourceSuite;
  if (unspecified && lacksSource(build)) {
    progress.line(`${build.message} Taking the source of ${OLDER_SUITE} instead.`);
    build = await buildWith(client, progress, { name, from: OLDER_SUITE }, options.suite);
  }
  if (build.state !== 'Installed')
    throw new Error(`${name} was not built (${build.state}): ${build.message}`);
  const built = performance.now();

  const summary = await install(client, progress, installation, build);
  const installed = performance.now();
  const seconds = {
    start: toSeconds(started - began),
    build: toSeconds(built - started),
    install: toSeconds(installed - built),
    total: toSeconds(installed - began),
  };
  if (options.json)
    await writeFile(options.json, `${JSON.stringify({ ...summary, seconds }, undefined, 2)}\n`);
  console.log(report({ ...summary, seconds }));
}

/** Asks for a build and follows it to its end. */
async function buildWith(
  client: TumbiClient,
  progress: Progress,
  wanted: Wanted,
  suite: string,
): Promise<Build> {
  const { id } = await client.requestBuild({
    source: {
      kind: 'archive',
      name: wanted.name,
      suite: wanted.from,
      ...(wanted.version ? { version: wanted.version } : {}),
    },
    suite,
  });
  return progress.step(`Building ${wanted.name} of ${wanted.from} for ${suite}`, async say => {
    for await (const event of client.followBuildLog(id)) {
      if (event.event === 'note') say(event.data.note);
      if (event.event === 'log') say(event.data.lines.at(-1) ?? '');
      if (event.event === 'end') break;
    }
    for (;;) {
      const build = await client.getBuild(id);
      if (FINAL.has(build.state)) return build;
      say('publishing');
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  });
}

function lacksSource(build: Build): boolean {
  return build.state === 'Failed' && build.attempts.at(-1)?.outcome === 'source';
}

/** Installs what was built, from its repository, in a clean root, and gathers what there is to tell. */
async function install(
  client: TumbiClient,
  progress: Progress,
  installation: Installation,
  build: Build,
): Promise<Omit<Summary, 'seconds'>> {
  const { repository } = await client.getTag(build.tag);
  const deb = build.debs.find(one => one.package === build.source) ?? build.debs[0];
  if (!repository || !deb)
    throw new Error(`Build ${build.id} is installed and has no repository; this is a bug.`);
  const sources = await (await fetch(repository.sources)).text();
  const installedOutput = await progress.step(
    `Installing ${deb.package} with apt in a clean ${build.suite}`,
    () =>
      tryPackage({
        package: deb.package,
        version: deb.version,
        suite: build.suite,
        sources,
        cacheDir: installation.cacheDirectory,
      }),
  );
  const events = await history(client, build);
  return {
    buildId: build.id,
    source: `${build.source} ${build.version}`,
    debs: build.debs.map(one => ({
      name: one.package,
      version: one.version,
      arch: one.architecture,
      sha256: one.sha256,
      size: one.size,
    })),
    repository: { url: repository.url, suite: repository.suite, keyFingerprint: repository.keyFingerprint },
    installedOutput,
    events,
  };
}

/** The events that this request led to, whichever service added them. */
async function history(client: TumbiClient, build: Build): Promise<Summary['events']> {
  const first = (await client.listEvents({ build: build.id, limit: 1 })).events[0]?.sequence ?? 1;
  const events: { seq: number; type: string }[] = [];
  for (let from = first; ; ) {
    const page = await client.listEvents({ from, limit: 1_000 });
    for (const { sequence, event } of page.events)
      if (event.correlationid === build.id) events.push({ seq: sequence, type: String(event.type) });
    if (!page.events.length) return events;
    from = page.next;
  }
}

function report(summary: Summary): string {
  const { repository, seconds } = summary;
  return `
${summary.source} was built and installed in ${seconds.total} s (start ${seconds.start}, build ${seconds.build}, install ${seconds.install}).

${summary.debs.map(deb => `  ${deb.sha256.slice(0, 16)}…  ${deb.name} ${deb.version} ${deb.arch}, ${deb.size} bytes`).join('\n')}

It was published at ${repository.url} (suite ${repository.suite}), signed by
${repository.keyFingerprint}, in ${summary.events.length} events:

${summary.events.map(event => `  ${String(event.seq).padStart(5)}  ${event.type}`).join('\n')}

Installed from there by apt, it says:

${summary.installedOutput.replace(/^/gm, '  ')}
`;
}

function toSeconds(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}

try {
  await main();
} catch (error) {
  console.error(`tumbi: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
