import type { NatsAddress } from '@tumbi/event-log';
import { natsSettings, numberSetting } from '@tumbi/service-host';

export const SETTINGS = Symbol('SchedulerSettings');

export interface SchedulerSettings {
  readonly nats: NatsAddress;
  /** Attempts after which an infrastructure failure is final. */
  readonly maxAttempts: number;
  /** Milliseconds before the second attempt. */
  readonly firstRetry: number;
  /** Milliseconds that a runner has beyond the time limit to say how the attempt ended. */
  readonly grace: number;
}

/** Settings from the environment, but for those that are given. */
export function schedulerSettings(given: Partial<SchedulerSettings> = {}): SchedulerSettings {
  return {
    nats: given.nats ?? natsSettings(),
    maxAttempts: numberSetting('TUMBI_MAX_ATTEMPTS', 3),
    firstRetry: numberSetting('TUMBI_FIRST_RETRY_SECONDS', 30) * 1_000,
    grace: numberSetting('TUMBI_TIME_LIMIT_GRACE_SECONDS', 600) * 1_000,
    ...given,
  };
}
