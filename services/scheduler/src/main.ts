import { runProcess } from '@tumbi/service-host';
import { schedulerSettings, startScheduler } from './index.js';

await runProcess(() => startScheduler(schedulerSettings()));
