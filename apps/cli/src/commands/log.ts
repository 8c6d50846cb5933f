import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { findBuild } from '../build-id.js';
import { BUILD_POSITIONAL, command, count } from '../command.js';
import { whole } from '../download.js';
import { UsageError } from '../errors.js';
import { EXIT } from '../exit-status.js';
import { harmless } from '../terminal/harmless.js';
import { followLog } from '../watch.js';

export const log = command({
  name: 'log',
  takes: '<build>',
  summary: 'Show the log of a build',
  positionals: { build: BUILD_POSITIONAL },
  options: {
    follow: {
      type: 'boolean',
      alias: 'f',
      default: false,
      describe: 'Show it as it grows, until the build ends',
    },
    attempt: {
      type: 'string',
      requiresArg: true,
      coerce: count('attempt'),
      describe: 'Which attempt  [default: the last; with --follow, all]',
    },
    raw: {
      type: 'boolean',
      default: false,
      describe: 'The bytes as they are stored, escape sequences for terminals and all',
    },
  },
  examples: [
    ['-f last', 'follow the newest build'],
    ['--raw 01a1fd13 >hello.build', 'keep the log exactly as it is stored'],
  ],
  async run({ build, follow, attempt, raw }, context) {
    if (follow && raw) throw new UsageError('--raw is for stored logs; leave it or --follow out.');
    const { client, output, signal } = context;
    const server = await client();
    const id = await findBuild(server, build, signal);
    if (follow) {
      await followLog(server, id, context, async (line, of) => {
        if (attempt === undefined || of === attempt) await output.line(line);
      });
      const { state } = await server.getBuild(id, { signal });
      context.progress.line(`tumbi: build ${id} is ${state}.`);
      return EXIT.ok;
    }
    const { body } = await server.getBuildLog(id, { attempt }, { signal });
    if (!body) return EXIT.ok;
    const bytes = Readable.from(whole(body));
    if (raw) await pipeline(bytes, process.stdout, { end: false });
    else
      for await (const line of createInterface({ input: bytes, crlfDelay: Infinity }))
        await output.line(harmless(line));
    return EXIT.ok;
  },
});
