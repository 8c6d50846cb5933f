import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EventDefinition, type NewEvent, newId, registry } from '@tumbi/contracts';
import type { Cause } from '../event-log.js';

const GOLDENS = join(import.meta.dirname, '../../../contracts/goldens');

/** One event of each type, with the data of a golden. */
export async function sampleEvents(): Promise<{ definition: EventDefinition; event: NewEvent }[]> {
  return Promise.all(
    registry.definitions.map(async definition => ({ definition, event: await sampleOf(definition) })),
  );
}

/** An event of a definition, with the data of its first golden. */
export async function sampleOf(definition: EventDefinition): Promise<NewEvent> {
  const { name, version } = definition;
  for await (const file of glob(`${name}/v${version}/*.json`, { cwd: GOLDENS })) {
    const { data } = JSON.parse(await readFile(join(GOLDENS, file), 'utf8'));
    return { name, version, data };
  }
  throw new Error(`${name} has no golden.`);
}

/** A request of somebody's, as the cause of an event; another one at each call. */
export function aCause(): Cause {
  return { id: newId(), correlationId: newId(), actor: 'token:test', isEvent: false };
}
