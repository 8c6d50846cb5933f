import type { Build, BuildRequest, TumbiClient } from '@tumbi/api-client';
import { resultLines } from '../build-view.js';
import { type Context, command, JSON_OPTION } from '../command.js';
import { UsageError } from '../errors.js';
import { EXIT, exitStatusOf } from '../exit-status.js';
import { parseDuration } from '../format.js';
import { useCommands } from '../repository-view.js';
import { parseSource } from '../source.js';
import { check, plan, upload } from '../submission.js';
import { followLog, waitForEnd } from '../watch.js';

export const build = command({
  name: 'build',
  takes: '<source..>',
  summary: 'Build source packages and publish what they make',
  positionals: {
    source: {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'NAME, NAME=VERSION or NAME/SUITE of the Debian archive, or a .dsc file',
    },
  },
  options: {
    suite: {
      type: 'string',
      default: 'trixie',
      requiresArg: true,
      describe: 'The Debian suite to build for',
    },
    'source-suite': {
      type: 'string',
      requiresArg: true,
      describe: 'The suite to take the source from  [default: the suite]',
    },
    version: {
      type: 'string',
      requiresArg: true,
      describe: 'The version of the source  [default: the newest]',
    },
    tag: {
      type: 'string',
      requiresArg: true,
      describe: 'The tag, and so the repository, for the result  [default: the name of the suite]',
    },
    architecture: { type: 'string', requiresArg: true, describe: 'The architecture to build for' },
    'time-limit': {
      type: 'string',
      requiresArg: true,
      describe: 'How long an attempt may take, such as 2h or 90m',
    },
    follow: { type: 'boolean', describe: 'Show the log while waiting; this is the default' },
    wait: { type: 'boolean', describe: 'Wait without the log; --no-wait does not wait at all' },
    json: { ...JSON_OPTION, describe: 'Write each build as JSON on a line of its own' },
  },
  examples: [
    ['hello', 'the newest hello of trixie, for trixie'],
    ['hello=2.10-3 --source-suite bookworm', "bookworm's hello, for trixie"],
    ['--tag particleos-13 ./mine_1.0-1.dsc', 'a package of your own; its files lie beside the .dsc'],
    ['--no-wait --json cowsay | jq -r .id', 'only ask for it, and keep the id'],
  ],
  async run(args, context) {
    if (args.follow && args.wait !== undefined)
      throw new UsageError('--follow shows the log while it waits; leave --wait or --no-wait out.');
    const plans = args.source.map(text => plan(parseSource(text), args));
    const timeLimit = args.timeLimit === undefined ? undefined : parseDuration(args.timeLimit);
    const { suite, tag, architecture } = args;
    const client = await context.client();
    // Every source is looked at before the first build is asked for.
    const checked = await Promise.all(plans.map(source => check(source, context)));
    const builds: Build[] = [];
    for (const source of checked) {
      await upload(client, source, context);
      const body: Omit<BuildRequest, 'source'> = {
        suite,
        ...(tag !== undefined && { tag }),
        ...(architecture !== undefined && { architecture }),
        ...(timeLimit !== undefined && { timeLimit }),
      };
      const requested = await client.requestBuild(
        { ...body, source: source.source },
        { signal: context.signal },
      );
      context.progress.line(
        `tumbi: ${requested.source ?? 'the source'} for ${suite} is build ${requested.id}.`,
      );
      builds.push(requested);
    }
    return args.wait === false
      ? await listRequested(builds, args.json, context)
      : await watchAll(client, builds, { json: args.json, quiet: args.wait === true }, context);
  },
});

async function listRequested(builds: readonly Build[], json: boolean, { output }: Context): Promise<number> {
  for (const one of builds) await (json ? output.json(one, 0) : output.line(one.id));
  return EXIT.ok;
}

/** Waits for each; the status is that of the first that did not succeed. */
async function watchAll(
  client: TumbiClient,
  builds: readonly Build[],
  { json, quiet }: { json: boolean; quiet: boolean },
  context: Context,
): Promise<number> {
  const statuses: number[] = [];
  for (const [index, { id }] of builds.entries()) {
    try {
      if (!quiet) {
        context.progress.status('Waiting for the log');
        await followLog(client, id, context, async line => context.progress.line(line));
      }
      const ended = await waitForEnd(client, id, context);
      await (json ? context.output.json(ended, 0) : tell(client, ended, context));
      statuses.push(exitStatusOf(ended));
    } catch (error) {
      for (const left of builds.slice(index))
        context.progress.line(
          `tumbi: build ${left.id} goes on: \`tumbi log -f ${left.id}\` follows it, \`tumbi cancel ${left.id}\` stops it.`,
        );
      throw error;
    }
  }
  return statuses.find(status => status !== EXIT.ok) ?? EXIT.ok;
}

async function tell(client: TumbiClient, ended: Build, { output, signal }: Context): Promise<void> {
  for (const line of resultLines(ended)) await output.line(line);
  if (ended.state !== 'Installed') {
    if (ended.attempts.at(-1)?.log) await output.line(`  The log: tumbi log ${ended.id}`);
    return;
  }
  const { repository } = await client.getTag(ended.tag, { signal });
  if (!repository) return;
  await output.line(`Published in ${repository.url}. To install from there:`);
  const packages = ended.debs.map(deb => deb.package).filter(name => !name.endsWith('-dbgsym'));
  const commands = [
    ...useCommands({ name: ended.tag }, repository),
    `sudo apt install ${packages.join(' ')}`,
  ];
  for (const line of commands) await output.line(`  ${line}`);
}
