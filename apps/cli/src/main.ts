import { ApiError, connect, discover } from '@tumbi/api-client';
import type { Context } from './command.js';
import { UsageError } from './errors.js';
import { EXIT, exitStatusOfError } from './exit-status.js';
import { parser, run } from './parser.js';
import { harmlessLine } from './terminal/harmless.js';
import { Output } from './terminal/output.js';
import { Progress } from './terminal/progress.js';

/** What reads the results has enough of them: `tumbi log last | head`. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
}

async function main(args: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  const progress = new Progress();
  process.stdout.on('error', endWithReader);
  process.stderr.on('error', endWithReader);
  process.once('SIGINT', () => {
    interrupted.abort();
    process.once('SIGINT', () => process.exit(EXIT.interrupted));
  });
  const context: Context = {
    client: async () =>
      connect({ ...(await discover()), onWait: why => progress.line(`tumbi: ${why} Trying again.`) }),
    output: new Output(),
    progress,
    signal: interrupted.signal,
  };
  let status: number = EXIT.ok;
  try {
    await parser(Math.min(process.stdout.columns || 100, 100), async (command, given) => {
      status = await run(command, given, context);
    }).parseAsync(args);
    return status;
  } catch (error) {
    progress.status(undefined);
    if (interrupted.signal.aborted) return EXIT.interrupted;
    progress.line(`tumbi: ${sentence(error)}`);
    return exitStatusOfError(error);
  }
}

/** What went wrong, and no stack. */
function sentence(error: unknown): string {
  const message = harmlessLine(error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError) return `${message} (\`tumbi --help\` tells more.)`;
  return error instanceof ApiError && error.status === 401 && !process.env.TUMBI_TOKEN
    ? `${message} Set TUMBI_TOKEN to one.`
    : message;
}

process.exitCode = await main(process.argv.slice(2));
