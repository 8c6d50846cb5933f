import { AGGREGATES, type Aggregate } from './event-definition.js';

/** The stream that is the history, and the one that holds live log lines. */
export const LOG_STREAM = 'TUMBI_LOG';
export const LOG_PREFIX = 'tumbi.log';
export const BUILD_OUTPUT_STREAM = 'TUMBI_BUILD_OUTPUT';
export const BUILD_OUTPUT_PREFIX = 'tumbi.output.build';
export const DEAD_LETTER_STREAM = 'TUMBI_DEAD_LETTERS';
export const DEAD_LETTER_PREFIX = 'tumbi.dead';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a string may be an aggregate's id, and so a subject token. */
export function isAggregateId(id: string): boolean {
  return UUID.test(id);
}

/** `tumbi.log.build.<id>.BuildRequested.v1`. */
export function eventSubject(
  aggregate: Aggregate,
  id: string,
  event: { name: string; version: number },
): string {
  return `${aggregateSubject(aggregate, id).slice(0, -1)}${event.name}.v${event.version}`;
}

/** `tumbi.log.build.<id>.>`: all of one aggregate, which is also what an append is checked against. */
export function aggregateSubject(aggregate: Aggregate, id: string): string {
  if (!isAggregateId(id)) throw new TypeError(`An aggregate's id is a UUID, not ${JSON.stringify(id)}.`);
  return `${LOG_PREFIX}.${aggregate}.${id}.>`;
}

/** `tumbi.log.*.*.DebProduced.v1`: one version of one type, of whatever aggregate. */
export function typeSubject(event: { name: string; version: number | '*' }): string {
  return `${LOG_PREFIX}.*.*.${event.name}.${event.version === '*' ? '*' : `v${event.version}`}`;
}

/** `tumbi.log.build.*.DebProduced.v1`: one version of one type under its aggregate, as NATS permissions name it. */
export function eventPattern(event: { aggregate: Aggregate; name: string; version: number }): string {
  return `${LOG_PREFIX}.${event.aggregate}.*.${event.name}.v${event.version}`;
}

/** Takes a subject of the log apart; undefined when it is none. */
export function parseSubject(
  subject: string,
): { aggregate: Aggregate; id: string; name: string; version: number } | undefined {
  const match = /^tumbi\.log\.([a-z]+)\.([0-9a-f-]{36})\.([A-Za-z]+)\.v([1-9][0-9]*)$/.exec(subject);
  const [, aggregate = '', id = '', name = '', version = ''] = match ?? [];
  if (!match || !isAggregateId(id) || !(AGGREGATES as readonly string[]).includes(aggregate))
    return undefined;
  return { aggregate: aggregate as Aggregate, id, name, version: Number(version) };
}

/** Where the live lines of a build go. Not history: see {@link BUILD_OUTPUT_STREAM}. */
export function buildOutputSubject(buildId: string): string {
  if (!isAggregateId(buildId)) throw new TypeError(`A build's id is a UUID, not ${JSON.stringify(buildId)}.`);
  return `${BUILD_OUTPUT_PREFIX}.${buildId}`;
}
