import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeEvent } from '../codec.js';
import type { LoggedEvent } from '../event-definition.js';
import { type EventRegistry, registry as tumbi } from '../registry.js';
import { LOG_PREFIX } from '../subjects.js';

const FOLDER = join(import.meta.dirname, '../../goldens');

/** One event's stored bytes, and where they are kept. */
export interface Golden {
  /** Relative to the goldens' folder. */
  readonly path: string;
  readonly name: string;
  readonly version: number;
  readonly bytes: Uint8Array;
  /** The data after all upcasts; undefined where it is the stored data. */
  readonly latest: unknown;
}

/** A build's stored events, and what they fold to. */
export interface GoldenHistory {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly state: unknown;
}

export async function readGoldens(): Promise<Golden[]> {
  const goldens: Golden[] = [];
  for (const path of await paths('*/v*/*.json')) {
    if (path.endsWith('.latest.json')) continue;
    const [name = '', version = ''] = path.split('/');
    goldens.push({
      path,
      name,
      version: Number(version.slice(1)),
      bytes: await readFile(join(FOLDER, path)),
      latest: await readJson(path.replace(/\.json$/, '.latest.json')),
    });
  }
  return goldens;
}

export async function readGoldenHistories(): Promise<GoldenHistory[]> {
  const histories: GoldenHistory[] = [];
  for (const path of await paths('histories/*.jsonl'))
    histories.push({
      path,
      bytes: await readFile(join(FOLDER, path)),
      state: await readJson(path.replace(/\.jsonl$/, '.state.json')),
    });
  return histories;
}

/** The JSON Schema of each version when it was released, by `<Type>/v<N>.schema.json`. */
export async function readFrozenSchemas(): Promise<ReadonlyMap<string, Uint8Array>> {
  const schemas = new Map<string, Uint8Array>();
  for (const path of await paths('*/v*.schema.json')) schemas.set(path, await readFile(join(FOLDER, path)));
  return schemas;
}

/** The frozen sha256 of each golden, by path. */
export async function readSums(): Promise<ReadonlyMap<string, string>> {
  const lines = (await readFile(join(FOLDER, 'SHA256SUMS'), 'utf8')).trimEnd().split('\n');
  return new Map(lines.map(line => [line.slice(66), line.slice(0, 64)]));
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Decodes bytes as if they stood where they say they do.
 * @throws MalformedEvent when they are no event of the registry
 */
export function decodeGolden(bytes: Uint8Array, sequence = 1, registry: EventRegistry = tumbi): LoggedEvent {
  const { type = '', subject = '', time = '' } = JSON.parse(Buffer.from(bytes).toString());
  const place = `${LOG_PREFIX}.${subject.replace('/', '.')}.${type.replace(/^tumbi\./, '')}`;
  return decodeEvent({ subject: place, bytes, sequence, recordedAt: time }, registry);
}

/** The events of a history, numbered from 1. */
export function decodeHistory(bytes: Uint8Array, registry: EventRegistry = tumbi): LoggedEvent[] {
  return Buffer.from(bytes)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line, i) => decodeGolden(Buffer.from(line), i + 1, registry));
}

async function paths(pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const path of glob(pattern, { cwd: FOLDER })) found.push(path);
  return found.sort();
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(join(FOLDER, path), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
