import { runProcess } from '@tumbi/service-host';
import { runnerSettings, startRunner } from './index.js';

await runProcess(() => startRunner(runnerSettings()));
