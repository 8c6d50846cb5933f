#!/usr/bin/env node
import { basename } from 'node:path';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { ensureBaseRoot } from './base-root.js';
import { build, ResultFolderError } from './build.js';
import { exitCodes, failureExitCode, outcomeExitCode } from './exit-codes.js';
import { defaultCacheDir } from './home.js';
import { hostDebianMirror } from './host-mirror.js';
import { listBaseRoots } from './list.js';
import { BuildError, type BuildOutcome, type BuildRequest } from './types.js';

const codes = Object.values(exitCodes).map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`);

const common = {
  suite: { type: 'string', requiresArg: true, default: 'trixie', describe: 'Debian suite of the root' },
  mirror: { type: 'string', requiresArg: true, describe: "Debian mirror [default: the host's own]" },
  keyring: {
    type: 'string',
    requiresArg: true,
    describe: "keyring for the mirror's signatures [default: Debian's]",
  },
  cache: {
    type: 'string',
    requiresArg: true,
    describe: 'folder that keeps roots [default: $TUMBI_HOME/cache/deb-mock]',
  },
  wait: { type: 'boolean', default: true, describe: 'wait for another one that makes the same root' },
  json: { type: 'boolean', default: false, describe: 'JSON lines on the standard output' },
} as const;

interface Common {
  readonly suite: string;
  readonly mirror?: string;
  readonly keyring?: string;
  readonly cache?: string;
  readonly wait: boolean;
  readonly json: boolean;
}

interface BuildOptions extends Common {
  readonly source: string;
  readonly sourceSuite?: string;
  readonly resultdir?: string;
  readonly timeout?: number;
  readonly jobs?: number;
  readonly profiles?: string;
  readonly verbose: boolean;
}

await yargs(hideBin(process.argv))
  .scriptName('deb-mock')
  .usage('$0 <command>\n\nBuilds a Debian source package in a clean root.')
  .command<BuildOptions>(
    'build <source>',
    'build FILE.dsc, or NAME or NAME=VERSION from the mirror',
    command =>
      command.positional('source', { type: 'string', demandOption: true }).options({
        ...common,
        'source-suite': {
          type: 'string',
          requiresArg: true,
          describe: 'suite to fetch the source from [default: --suite]',
        },
        resultdir: {
          type: 'string',
          requiresArg: true,
          describe: 'folder to make for the result [default: ./SOURCE-SUITE]',
        },
        timeout: {
          type: 'number',
          requiresArg: true,
          describe: 'seconds that the build may take [default: 4 hours]',
        },
        jobs: { type: 'number', requiresArg: true, describe: 'parallel jobs [default: the number of CPUs]' },
        profiles: { type: 'string', requiresArg: true, describe: 'build profiles, separated by commas' },
        verbose: {
          type: 'boolean',
          alias: 'v',
          default: false,
          describe: 'print the log while it is written',
        },
      }),
    options => end(options.json, () => runBuild(options)),
  )
  .command<Common>(
    'init',
    'make the base root, or make it again if the suite has changed',
    command => command.options(common),
    options => end(options.json, () => runInit(options)),
  )
  .command<Pick<Common, 'cache' | 'json'>>(
    'list',
    'list the base roots',
    command => command.options({ cache: common.cache, json: common.json }),
    options => end(options.json, () => runList(options)),
  )
  .demandCommand(1, 'Say what to do: build, init or list.')
  .strict()
  .epilogue(`Exit codes:\n${codes.join('\n')}`)
  .fail((message, error, parser) => {
    // yargs gives its own complaints about options as errors, too.
    if (error && error.name !== 'YError') throw error;
    parser.showHelp('error');
    process.stderr.write(`\n${message}\n`);
    process.exit(exitCodes.commandLine[0]);
  })
  .parse();

async function runBuild(options: BuildOptions): Promise<number> {
  const { json, suite, timeout } = options;
  const source = parseSource(options);
  const outcome = await build({
    ...rootOptions(options),
    source,
    resultDir:
      options.resultdir ?? `${'dsc' in source ? basename(source.dsc, '.dsc') : source.name}-${suite}`,
    jobs: options.jobs,
    profiles: options.profiles?.split(',').filter(profile => profile !== ''),
    limits: timeout === undefined ? {} : { totalSeconds: timeout },
    signal: cancelSignal(),
    onPhase: phase => say(json, { type: 'phase', phase }, `phase: ${phase}`),
    onLog: lines => {
      if (json) say(json, { type: 'log', lines });
      else if (options.verbose) process.stderr.write(lines);
    },
  });
  if (json) say(json, { type: 'outcome', ...outcome });
  else printOutcome(outcome);
  return outcomeExitCode(outcome);
}

function printOutcome({ status, failure, debs, log, seconds }: BuildOutcome): void {
  for (const deb of debs) console.log(deb.file);
  process.stderr.write(failure ? `${failure.message}\n` : `${status} after ${seconds.total} s\n`);
  if (status !== 'succeeded') process.stderr.write(`The log is ${log.file}\n`);
}

async function runInit(options: Common): Promise<number> {
  const base = await ensureBaseRoot({ ...rootOptions(options), signal: cancelSignal() });
  say(options.json, { type: 'base', ...base });
  if (!options.json) console.log(base.directory);
  return exitCodes.ok[0];
}

async function runList({ cache, json }: Pick<Common, 'cache' | 'json'>): Promise<number> {
  for (const root of await listBaseRoots(cache ?? defaultCacheDir())) {
    const { key, suite, architecture, releaseDate, mirror, packages } = root;
    say(json, { type: 'base', ...root });
    if (!json) {
      console.log(
        [
          `${suite}-${architecture}`,
          key.slice(0, 12),
          releaseDate,
          `${packages.length} packages`,
          mirror,
        ].join('  '),
      );
    }
  }
  return exitCodes.ok[0];
}

function rootOptions({ suite, mirror, keyring, cache, wait, json }: Common) {
  return {
    suite,
    mirror: mirror ?? hostDebianMirror(),
    keyring,
    cacheDir: cache ?? defaultCacheDir(),
    wait,
    onProgress: (message: string) => say(json, { type: 'progress', message }, message),
  };
}

function parseSource({ source, sourceSuite, suite }: BuildOptions): BuildRequest['source'] {
  if (source.endsWith('.dsc')) return { dsc: source };
  const [name = '', version] = source.split('=');
  return { name, version, suite: sourceSuite ?? suite };
}

/** A JSON line, or a line for people on the standard error. */
function say(json: boolean, event: object, text?: string): void {
  if (json) console.log(JSON.stringify(event));
  else if (text) process.stderr.write(`${text}\n`);
}

function cancelSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}

/** Runs a command to its exit code; what it throws becomes one sentence. */
async function end(json: boolean, command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say(json, { type: 'error', message }, message);
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof BuildError) return failureExitCode(error.failure);
  if (error instanceof ResultFolderError) return exitCodes.resultDir[0];
  if (error instanceof Error && error.name === 'AbortError') return exitCodes.cancelled[0];
  return exitCodes.other[0];
}
