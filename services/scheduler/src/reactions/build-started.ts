import { Inject, Injectable } from '@nestjs/common';
import { type BuildEvent, BuildStarted, type Logged } from '@tumbi/contracts';
import { causedBy, decide, RetryLater } from '@tumbi/event-log';
import { Reaction } from '@tumbi/service-host';
import { schedule } from '../decisions/schedule.js';
import { type SchedulerSettings, SETTINGS } from '../settings.js';

/** How often, in milliseconds, a running attempt is looked at, so that its watch ends soon after it does. */
const LOOK_AGAIN = 60_000;

/**
 * The overall time limit. The runner keeps it itself, and says more about it; this is for a runner that lives
 * and gives no result.
 */
@Injectable()
export class OnBuildStarted extends Reaction<Logged<typeof BuildStarted>> {
  @Inject(SETTINGS) private readonly settings!: SchedulerSettings;
  protected readonly delivery = { durable: 'scheduler-time-limit', events: [BuildStarted] };

  async handle(event: Logged<typeof BuildStarted>): Promise<void> {
    const history = (await this.log.load('build', event.aggregateId)) as BuildEvent[];
    const request = history.find(one => one.name === 'BuildRequested');
    const build = history.reduce(schedule.evolve, schedule.initial);
    const { attempt } = event.data;
    if (!request || build.running?.attempt !== attempt) return;
    const limit = request.data.timeLimit;
    const left = Date.parse(event.recordedAt) + limit * 1_000 + this.settings.grace - Date.now();
    if (left > 0) throw new RetryLater('Its time is not up.', Math.min(left, LOOK_AGAIN));
    await decide(
      this.log,
      schedule,
      event.aggregateId,
      { kind: 'expire', attempt, limit },
      causedBy(event, 'service:scheduler'),
    );
  }
}
