import type { TumbiClient } from '@tumbi/api-client';
import type { ArgumentsCamelCase, InferredOptionTypes, Options, PositionalOptionsType } from 'yargs';
import { UsageError } from './errors.js';
import type { Output } from './terminal/output.js';
import type { Progress } from './terminal/progress.js';

/** What every command works with. */
export interface Context {
  /** @throws Unreachable when there is none */
  readonly client: () => Promise<TumbiClient>;
  readonly output: Output;
  readonly progress: Progress;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** An argument that is known by its place. */
export type Positional = Options & { readonly type?: PositionalOptionsType };

/** A command as data, so that the parser, the help, the completion and the documentation agree. */
export interface Command {
  readonly name: string;
  /** Behind the name: `<build>`, `[file..]`. */
  readonly takes?: string;
  readonly summary: string;
  readonly positionals?: Readonly<Record<string, Positional>>;
  readonly options: Readonly<Record<string, Options>>;
  /** Arguments and what they do. */
  readonly examples: readonly (readonly [string, string])[];
  /** Returns the exit status. */
  readonly run: (args: never, context: Context) => Promise<number>;
}

type Named<T extends Record<string, Options>> = ArgumentsCamelCase<InferredOptionTypes<T>>;

/** A command whose function gets its arguments by their types. */
export function command<const P extends Record<string, Positional>, const O extends Record<string, Options>>(
  given: Omit<Command, 'run' | 'positionals' | 'options'> & {
    readonly positionals?: P;
    readonly options: O;
    readonly run: (args: Named<P> & Named<O>, context: Context) => Promise<number>;
  },
): Command {
  return given;
}

/** The option that every command with a result has. */
export const JSON_OPTION = { type: 'boolean', default: false, describe: 'Write JSON' } as const;

/** The positional that names a build. */
export const BUILD_POSITIONAL = {
  type: 'string',
  demandOption: true,
  describe: 'An id or its beginning (4 characters or more), or "last"',
} as const;

/** For `coerce`: a whole number from 1 on. */
export function count(name: string): (text: unknown) => number | undefined {
  return text => {
    if (text === undefined) return undefined;
    const number = Number(text);
    if (Number.isSafeInteger(number) && number > 0) return number;
    throw new UsageError(`--${name} must be a whole number from 1 on, not ${JSON.stringify(text)}.`);
  };
}
