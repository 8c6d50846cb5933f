import type { RepositoryFiles } from './repository.js';

/** A publish that clients may still be reading. */
export interface PublishedBefore {
  /** ISO 8601. */
  readonly date: string;
  /** Its by-hash files, relative to `dists/<suite>/`. */
  readonly files: readonly string[];
}

/** The publishes written down for a suite, the newest first. Rejects when the record is damaged. */
export async function readPublishes(files: RepositoryFiles, dists: string): Promise<PublishedBefore[]> {
  const bytes = await files.read(recordPath(dists));
  if (bytes === undefined) return [];
  const record = parse(Buffer.from(bytes).toString());
  if (!Array.isArray(record) || !record.every(isPublish)) {
    throw new Error(`${recordPath(dists)} is damaged: remove it to publish without keeping older indexes.`);
  }
  return record;
}

export async function writePublishes(
  files: RepositoryFiles,
  dists: string,
  publishes: readonly PublishedBefore[],
): Promise<void> {
  await files.write(recordPath(dists), Buffer.from(`${JSON.stringify(publishes, null, 1)}\n`));
}

function recordPath(dists: string): string {
  return `${dists}/publishes.json`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isPublish(value: unknown): value is PublishedBefore {
  return (
    typeof value === 'object' &&
    value !== null &&
    'date' in value &&
    typeof value.date === 'string' &&
    'files' in value &&
    Array.isArray(value.files) &&
    value.files.every(file => typeof file === 'string')
  );
}
