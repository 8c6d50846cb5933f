import { basename, dirname, join } from 'node:path';
import type { BuildSource, TumbiClient } from '@tumbi/api-client';
import type { Context } from './command.js';
import { CommandError, UsageError } from './errors.js';
import { EXIT } from './exit-status.js';
import { formatSize } from './format.js';
import type { Source } from './source.js';

/** A source that is ready to be sent. */
export interface Checked {
  readonly source: BuildSource;
  /** Where the files of an upload are. */
  readonly directory?: string;
}

/** What the options say about a source goes with what it says itself. */
export function plan(source: Source, options: { version?: string; sourceSuite?: string }): Source {
  const { version, sourceSuite: suite } = options;
  if (version === undefined && suite === undefined) return source;
  if (source.kind === 'dsc')
    throw new UsageError(
      `--version and --source-suite are for sources of the archive; ${source.path} has its own.`,
    );
  if ((version && source.version) || (suite && source.suite))
    throw new UsageError(
      `${source.name} is given with a version or suite, and so is the option; leave one out.`,
    );
  return { ...source, ...(version && { version }), ...(suite && { suite }) };
}

/** An upload's files are checked here, where the sentence about them comes at once. */
export async function check(source: Source, { signal }: Context): Promise<Checked> {
  if (source.kind === 'archive') return { source };
  const { BuildError, readDsc } = await import('@tumbi/deb-mock');
  try {
    const { files } = await readDsc(source.path, { signal });
    return {
      source: { kind: 'upload', dsc: basename(source.path), files },
      directory: dirname(source.path),
    };
  } catch (error) {
    if (error instanceof BuildError) throw new CommandError(error.message, EXIT.source);
    throw error;
  }
}

export async function upload(
  client: TumbiClient,
  { source, directory }: Checked,
  context: Context,
): Promise<void> {
  if (source.kind !== 'upload' || directory === undefined) return;
  for (const { name, sha256, size } of source.files)
    await context.progress.during(`Uploading ${name} (${formatSize(size)})`, () =>
      client.upload({ path: join(directory, name), sha256 }, { signal: context.signal }),
    );
}
