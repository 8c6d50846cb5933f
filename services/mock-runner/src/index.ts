import type { INestApplicationContext } from '@nestjs/common';
import { startContext } from '@tumbi/service-host';
import { RunnerModule } from './runner.module.js';
import type { RunnerSettings } from './settings.js';

export { type RunnerSettings, runnerSettings } from './settings.js';

/** Starts a runner; `close()` stops it, giving back what it builds. */
export function startRunner(settings: RunnerSettings): Promise<INestApplicationContext> {
  return startContext(RunnerModule.with(settings));
}
