import type { BuildSummary, TumbiClient } from '@tumbi/api-client';
import { CommandError, UsageError } from './errors.js';
import { EXIT } from './exit-status.js';

/** The length up to which an id of a build holds its time, to the millisecond (RFC 9562, 5.7). */
const TIME = 13;

/**
 * The id that a person means: a whole one, the beginning of exactly one, or `last`.
 * @throws UsageError when it can be no id, CommandError when it names no build or more than one
 */
export async function findBuild(client: TumbiClient, given: string, signal: AbortSignal): Promise<string> {
  if (given === 'last') {
    const { builds } = await client.listBuilds({ limit: 1 }, { signal });
    if (builds[0]) return builds[0].id;
    throw new CommandError('There is no build yet; `tumbi build hello` asks for one.', EXIT.error);
  }
  const beginning = idBeginning(given);
  if (beginning.length === 36) return beginning;
  const before = `${beginning}${'ffffffff-ffff-8fff-bfff-ffffffffffff'.slice(beginning.length)}`;
  const { builds } = await client.listBuilds({ before, limit: 10 }, { signal });
  const found = builds.filter(build => build.id.startsWith(beginning));
  if (found.length === 1 && found[0]) return found[0].id;
  if (found.length === 0)
    throw new CommandError(
      `No build's id begins with ${beginning}; \`tumbi builds\` lists them.`,
      EXIT.error,
    );
  const some = found.map(build => `${build.id} (${build.source ?? 'unknown'})`).join(', ');
  throw new CommandError(
    `More than one build's id begins with ${beginning}: ${some}. Give more of it.`,
    EXIT.error,
  );
}

/**
 * The beginning of an id as ids are written, from one with or without dashes.
 * @throws UsageError when it can begin none
 */
export function idBeginning(given: string): string {
  const digits = given.toLowerCase().replaceAll('-', '');
  if (!/^[0-9a-f]{4,32}$/.test(digits))
    throw new UsageError(
      `${JSON.stringify(given)} names no build: give an id, the first 4 or more characters of one, or "last".`,
    );
  return digits.replace(/^(.{8})(.{1,4})?(.{1,4})?(.{1,4})?(.+)?$/, (_, ...parts) =>
    parts
      .slice(0, 5)
      .filter(part => part !== undefined)
      .join('-'),
  );
}

/** The beginnings of ids that tell the builds of a list apart. */
export function shortIds(builds: readonly Pick<BuildSummary, 'id'>[]): string[] {
  const ids = builds.map(build => build.id);
  for (let length = TIME; length < 36; length++) {
    const short = ids.map(id => id.slice(0, length));
    if (new Set(short).size === ids.length && short.every(id => !id.endsWith('-'))) return short;
  }
  return ids;
}
