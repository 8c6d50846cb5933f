import { isDeepStrictEqual } from 'node:util';

type Schema = Record<string, unknown>;

const ANNOTATIONS = new Set(['$schema', '$id', 'title', 'description', 'examples']);
const NESTED = new Set(['items', 'additionalProperties', 'propertyNames']);
const ALTERNATIVES = new Set(['anyOf', 'oneOf', 'allOf']);

/**
 * What changed between two JSON Schemas of one version of an event, other than its words and new optional fields:
 * each a place and what is wrong there. Anything in this list needs a new version.
 */
export function incompatibilities(frozen: Schema, now: Schema, place = 'event'): string[] {
  const found: string[] = [];
  const keywords = new Set([...Object.keys(frozen), ...Object.keys(now)]);
  for (const keyword of keywords) {
    const [before, after] = [frozen[keyword], now[keyword]];
    if (ANNOTATIONS.has(keyword) || isDeepStrictEqual(before, after)) continue;
    if (keyword === 'properties') found.push(...ofProperties(before as Schema, after as Schema, place));
    else if (NESTED.has(keyword) && isSchema(before) && isSchema(after))
      found.push(...incompatibilities(before, after, `${place}.${keyword}`));
    else if (ALTERNATIVES.has(keyword) && isList(before) && isList(after) && before.length === after.length)
      for (const [i, one] of before.entries())
        found.push(...incompatibilities(one, after[i] ?? {}, `${place}.${keyword}[${i}]`));
    else if (keyword === 'required' && sameSet(before, after)) continue;
    else found.push(`${place}: ${keyword} was ${JSON.stringify(before)} and is ${JSON.stringify(after)}`);
  }
  return found;
}

function ofProperties(before: Schema = {}, after: Schema = {}, place: string): string[] {
  return Object.entries(before).flatMap(([name, schema]) => {
    const now = after[name];
    if (!isSchema(now)) return [`${place}.${name} is gone`];
    return incompatibilities(schema as Schema, now, `${place}.${name}`);
  });
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null;
}

function isList(value: unknown): value is Schema[] {
  return Array.isArray(value);
}

function sameSet(before: unknown, after: unknown): boolean {
  return isDeepStrictEqual(new Set(before as string[]), new Set(after as string[]));
}
