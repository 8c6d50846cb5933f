import { Inject, Injectable } from '@nestjs/common';
import { BuildRequested, type Logged } from '@tumbi/contracts';
import { causedBy, decide } from '@tumbi/event-log';
import { Reaction } from '@tumbi/service-host';
import { schedule } from '../decisions/schedule.js';
import { type SchedulerSettings, SETTINGS } from '../settings.js';

/** What was requested may run. */
@Injectable()
export class OnBuildRequested extends Reaction<Logged<typeof BuildRequested>> {
  @Inject(SETTINGS) private readonly settings!: SchedulerSettings;
  protected readonly delivery = { durable: 'scheduler-requested', events: [BuildRequested] };

  async handle(event: Logged<typeof BuildRequested>): Promise<void> {
    await decide(
      this.log,
      schedule,
      event.aggregateId,
      { kind: 'schedule', maxAttempts: this.settings.maxAttempts },
      causedBy(event, 'service:scheduler'),
    );
  }
}
