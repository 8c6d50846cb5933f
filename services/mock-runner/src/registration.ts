import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { newEvent, newId, RunnerRegistered } from '@tumbi/contracts';
import { hostArchitecture, toolVersions } from '@tumbi/deb-mock';
import { EventLog } from '@tumbi/event-log';
import { runnerId } from './identity.js';
import { type RunnerSettings, SETTINGS } from './settings.js';

/** Says at the start what this runner is and can do, where that is not what the log says already. */
@Injectable()
export class Registration implements OnApplicationBootstrap {
  constructor(
    @Inject(SETTINGS) private readonly settings: RunnerSettings,
    @Inject(EventLog) private readonly log: EventLog,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const id = await runnerId(this.settings.directory);
    const last = (await this.log.load('runner', id)).at(-1);
    const event = newEvent(RunnerRegistered, {
      name: this.settings.name,
      architectures: [await hostArchitecture()],
      slots: this.settings.slots,
      tools: { ...(await toolVersions()) },
    });
    if (last && JSON.stringify(last.data) === JSON.stringify(event.data)) return;
    const cause = newId();
    await this.log.append({
      aggregate: 'runner',
      aggregateId: id,
      expected: last?.sequence ?? 0,
      events: [event],
      cause: { id: cause, correlationId: cause, actor: `runner:${this.settings.name}`, isEvent: false },
    });
  }
}
