import { Inject, Injectable } from '@nestjs/common';
import { BuildFailed, type Logged } from '@tumbi/contracts';
import { causedBy, decide, RetryLater } from '@tumbi/event-log';
import { Reaction } from '@tumbi/service-host';
import { retryDelay } from '../decisions/backoff.js';
import { schedule } from '../decisions/schedule.js';
import { type SchedulerSettings, SETTINGS } from '../settings.js';

/** What failed through no fault of the package runs again, after a while that grows. */
@Injectable()
export class OnBuildFailed extends Reaction<Logged<typeof BuildFailed>> {
  @Inject(SETTINGS) private readonly settings!: SchedulerSettings;
  protected readonly delivery = { durable: 'scheduler-failed', events: [BuildFailed] };

  async handle(event: Logged<typeof BuildFailed>): Promise<void> {
    if (!event.data.willRetry) return;
    const due = Date.parse(event.recordedAt) + retryDelay(event.data.attempt, this.settings.firstRetry);
    if (Date.now() < due) throw new RetryLater('It is not time yet.', due - Date.now());
    await decide(
      this.log,
      schedule,
      event.aggregateId,
      { kind: 'retry', afterAttempt: event.data.attempt, maxAttempts: this.settings.maxAttempts },
      causedBy(event, 'service:scheduler'),
    );
  }
}
