import { setTimeout } from 'node:timers/promises';
import type { Build, TumbiClient } from '@tumbi/api-client';
import type { Context } from './command.js';
import { harmless } from './terminal/harmless.js';

const LOOK = 1_000;
const SETTLED: ReadonlySet<string> = new Set([
  'Installed',
  'Build-Attempted',
  'BD-Uninstallable',
  'Failed',
  'Cancelled',
]);
const WAITS_FOR: Readonly<Record<string, string>> = {
  'Needs-Build': 'waits for a runner',
  Building: 'is being built',
  'Given-Back': 'failed through no fault of its own, and waits for another try',
  Built: 'is built, and waits for the repository',
};

/** Shows the log of a build as it grows until the attempt ends. Returns when there will be no more of it. */
export async function followLog(
  client: TumbiClient,
  id: string,
  { progress, signal }: Pick<Context, 'progress' | 'signal'>,
  show: (line: string, attempt: number) => Promise<void>,
): Promise<void> {
  let attempt = 1;
  for await (const { event, data } of client.followBuildLog(id, { signal })) {
    progress.status(undefined);
    if (event === 'end') return;
    if (data.attempt > attempt) progress.line(`tumbi: attempt ${data.attempt}`);
    attempt = data.attempt;
    if (event === 'note') progress.line(`tumbi: ${data.note}`);
    else for (const line of data.lines) await show(harmless(line), data.attempt);
  }
  signal.throwIfAborted();
}

/** Waits until a build cannot change any more, and says what it waits for. */
export async function waitForEnd(
  client: TumbiClient,
  id: string,
  { progress, signal }: Pick<Context, 'progress' | 'signal'>,
): Promise<Build> {
  try {
    for (;;) {
      const build = await client.getBuild(id, { signal });
      if (SETTLED.has(build.state)) return build;
      progress.status(`${build.source ?? 'The build'} ${WAITS_FOR[build.state] ?? `is ${build.state}`}`);
      await setTimeout(LOOK, undefined, { signal });
    }
  } finally {
    progress.status(undefined);
  }
}
