import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type JetStreamClient, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { LOG_PREFIX, newId } from '@tumbi/contracts';

const HISTORIES = join(import.meta.dirname, '../../../contracts/goldens/histories');

/** Numbers from 0 to 1, the same for the same seed (a linear congruential generator, Numerical Recipes). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Adds events to the log until it has so many more: the golden histories, as the histories of new builds that
 * are interleaved at random. Expected sequences are left out, since nobody else writes.
 */
export async function fillLog(
  connection: NatsConnection,
  count: number,
  random: () => number,
): Promise<void> {
  const histories = await readHistories();
  const client = jetstream(connection);
  const open: { id: string; left: string[] }[] = [];
  const sent: Promise<unknown>[] = [];
  for (let i = 0; i < count; i++) {
    if (open.length < 40) {
      const history = histories[Math.floor(random() * histories.length)] ?? [];
      open.push({ id: newId(), left: [...history] });
    }
    const at = Math.floor(random() * open.length);
    const build = open[at];
    const event = build?.left.shift();
    if (!build || !event) throw new RangeError('A golden history is empty.');
    if (!build.left.length) open.splice(at, 1);
    sent.push(send(client, build.id, event, random));
    if (sent.length === 256) await Promise.all(sent.splice(0));
  }
  await Promise.all(sent);
}

/** An event of a golden history as one of another build, with a digest and a size of its own. */
function send(client: JetStreamClient, build: string, event: string, random: () => number): Promise<unknown> {
  const envelope = JSON.parse(event);
  envelope.id = newId();
  envelope.subject = `build/${build}`;
  if (envelope.data.sha256) {
    envelope.data.sha256 = createHash('sha256').update(envelope.id).digest('hex');
    envelope.data.size = Math.floor(random() * 2 ** 40);
  }
  const subject = `${LOG_PREFIX}.build.${build}.${envelope.type.replace('tumbi.', '')}`;
  return client.publish(subject, JSON.stringify(envelope));
}

async function readHistories(): Promise<string[][]> {
  const histories: string[][] = [];
  for await (const file of glob('*.jsonl', { cwd: HISTORIES }))
    histories.push((await readFile(join(HISTORIES, file), 'utf8')).trimEnd().split('\n'));
  return histories.sort((a, b) => a.length - b.length);
}
