import { z } from 'zod';
import { defineEvent, type Logged } from '../event-definition.js';
import { architecture } from '../shapes.js';

export const RunnerRegistered = defineEvent({
  name: 'RunnerRegistered',
  version: 1,
  aggregate: 'runner',
  producers: ['mock-runner'],
  summary: 'A runner joined and takes builds.',
  data: z.object({
    name: z.string().min(1).max(128),
    architectures: z.array(architecture).min(1).max(16),
    slots: z.int().positive().describe('builds that it runs side by side'),
    tools: z
      .record(z.string().max(64), z.string().max(128))
      .describe('versions of the tools that it builds with'),
  }),
});

export type RunnerEvent = Logged<typeof RunnerRegistered>;
