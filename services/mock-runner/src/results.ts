import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { BuildSucceeded, DebProduced, type NamedBlob, type NewEvent, newEvent } from '@tumbi/contracts';
import type { BuildOutcome } from '@tumbi/deb-mock';
import type { BlobStore } from '@tumbi/object-store';

/** An event with the step that tells it from others of the same cause. */
type Step = NewEvent & { readonly step: string };

/** A result that can't be recorded, with a sentence that says why. */
export class Unrecordable extends Error {
  override readonly name = 'Unrecordable';
}

/** Control fields that one event can carry, in bytes; the rest of the event is small. */
const MAX_CONTROL = 48 * 1024;

/** Puts what a successful attempt made into the store, and tells the events that record it. */
export async function storeResults(
  store: BlobStore,
  attempt: number,
  outcome: BuildOutcome,
): Promise<{ produced: Step[]; succeeded: Step }> {
  const produced: Step[] = [];
  for (const deb of outcome.debs) {
    if (JSON.stringify(deb.control).length > MAX_CONTROL)
      throw new Unrecordable(
        `The control fields of ${basename(deb.file)} are larger than ${MAX_CONTROL} bytes.`,
      );
    await store.put({ file: deb.file }, deb.sha256);
    const event = newEvent(DebProduced, {
      attempt,
      package: deb.name,
      version: deb.version,
      architecture: deb.architecture,
      filename: basename(deb.file),
      sha256: deb.sha256,
      size: deb.size,
      control: { ...deb.control },
    });
    produced.push({ ...event, step: `DebProduced ${basename(deb.file)}` });
  }
  const changes = await storeFile(store, outcome.changes, '.changes');
  const buildinfo = await storeFile(store, outcome.buildinfo, '.buildinfo');
  const log = await storeLog(store, outcome);
  const succeeded = newEvent(BuildSucceeded, {
    attempt,
    debs: outcome.debs.map(deb => deb.sha256),
    changes,
    buildinfo,
    log,
    seconds: definedSeconds(outcome.seconds),
  });
  return { produced, succeeded: { ...succeeded, step: 'BuildSucceeded' } };
}

/** Puts an attempt's log into the store. */
export async function storeLog(store: BlobStore, outcome: Pick<BuildOutcome, 'log'>) {
  const { sha256, size } = await store.put({ file: outcome.log.file });
  return { sha256, size, lines: outcome.log.lines };
}

async function storeFile(store: BlobStore, file: string | undefined, what: string): Promise<NamedBlob> {
  if (!file) throw new Unrecordable(`The build made no ${what}.`);
  const { sha256, size } = await store.put(await readFile(file));
  return { name: basename(file), sha256, size };
}

function definedSeconds(seconds: BuildOutcome['seconds']): Record<string, number> {
  return Object.fromEntries(
    Object.entries(seconds).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
