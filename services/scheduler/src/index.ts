import type { INestApplicationContext } from '@nestjs/common';
import { startContext } from '@tumbi/service-host';
import { SchedulerModule } from './scheduler.module.js';
import type { SchedulerSettings } from './settings.js';

export { type SchedulerSettings, schedulerSettings } from './settings.js';

/** Starts the scheduler; `close()` stops it. */
export function startScheduler(settings: SchedulerSettings): Promise<INestApplicationContext> {
  return startContext(SchedulerModule.with(settings));
}
