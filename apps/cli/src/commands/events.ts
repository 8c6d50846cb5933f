import type { LoggedEvent, TumbiClient } from '@tumbi/api-client';
import { findBuild } from '../build-id.js';
import { type Context, command, count } from '../command.js';
import { EXIT } from '../exit-status.js';
import { formatTime } from '../format.js';
import { harmlessLine } from '../terminal/harmless.js';

const PAGE = 500;

export const events = command({
  name: 'events',
  summary: 'Show the history: every decision and result',
  options: {
    follow: { type: 'boolean', alias: 'f', default: false, describe: 'Show new ones as they are recorded' },
    type: { type: 'string', requiresArg: true, describe: 'Only of this type, such as DebProduced' },
    build: { type: 'string', requiresArg: true, describe: 'Only of this build' },
    from: {
      type: 'string',
      requiresArg: true,
      coerce: count('from'),
      describe: 'The first sequence  [default: 1; with --follow, what comes next]',
    },
    limit: { type: 'string', requiresArg: true, coerce: count('limit'), describe: 'How many at most' },
    json: { type: 'boolean', default: false, describe: 'Write each event as JSON on a line of its own' },
  },
  examples: [
    ['--build last', "a build's whole history"],
    ['-f --type BuildSucceeded --json', 'for a program that acts on every success'],
  ],
  async run({ follow, type, build, from, limit = Infinity, json }, context) {
    const { client, output, signal } = context;
    const server = await client();
    const query = { type, from, build: build && (await findBuild(server, build, signal)) };
    const source = follow ? live(server, query, context) : pages(server, query, signal);
    let left = limit;
    for await (const event of source) {
      await output.line(json ? JSON.stringify(event) : lineOf(event));
      if (--left <= 0) break;
    }
    signal.throwIfAborted();
    return EXIT.ok;
  },
});

interface Query {
  readonly type?: string;
  readonly build?: string;
  readonly from?: number;
}

async function* pages(client: TumbiClient, query: Query, signal: AbortSignal): AsyncGenerator<LoggedEvent> {
  let from = query.from ?? 1;
  for (;;) {
    const page = await client.listEvents({ ...query, from, limit: PAGE }, { signal });
    yield* page.events;
    if (page.events.length < PAGE) return;
    from = page.next;
  }
}

async function* live(
  client: TumbiClient,
  query: Query,
  { progress, signal }: Context,
): AsyncGenerator<LoggedEvent> {
  // A place of its own, so that a connection that breaks before the first event misses nothing.
  const from = query.from ?? (await client.getHealth({ signal })).lastEvent + 1;
  progress.status('Waiting for events');
  for await (const { data } of client.followEvents({ ...query, from }, { signal })) {
    progress.status(undefined);
    yield data;
  }
}

/** `12  2026-11-21 08:15:30  DebProduced  build/01a1fd13-…  package=hello`, in columns. */
function lineOf({ sequence, recordedAt, event }: LoggedEvent): string {
  const { type, subject, data } = event;
  const name = typeof type === 'string' ? (type.split('.')[1] ?? type) : 'unreadable';
  return [
    String(sequence).padStart(6),
    formatTime(recordedAt),
    harmlessLine(name).padEnd(NAME_WIDTH),
    harmlessLine(String(subject ?? '')),
    harmlessLine(gist(data)),
  ]
    .join('  ')
    .trimEnd();
}

/** The longest name of an event. */
const NAME_WIDTH = 'RepositoryPublished'.length;
/** What of an event's data is told on its line. */
const TOLD = [
  'package',
  'version',
  'filename',
  'tag',
  'suite',
  'attempt',
  'class',
  'message',
  'reason',
  'name',
];

function gist(data: unknown): string {
  if (typeof data !== 'object' || data === null) return '';
  return Object.entries(data)
    .filter(
      ([key, value]) => TOLD.includes(key) && ['string', 'number'].includes(typeof value) && value !== '',
    )
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
