import { hostname } from 'node:os';
import type { Limits } from '@tumbi/deb-mock';
import type { NatsAddress } from '@tumbi/event-log';
import { natsSettings, numberSetting, requiredSetting, setting, storeSetting } from '@tumbi/service-host';

export const SETTINGS = Symbol('RunnerSettings');

export interface RunnerSettings {
  readonly nats: NatsAddress;
  /** A folder, or `s3://…`. */
  readonly store: string;
  readonly name: string;
  /** Holds the runner's id and the results on their way to the store. */
  readonly directory: string;
  /** Base roots, layers and .debs; may be shared by runners of one machine. */
  readonly cacheDirectory: string;
  /** The Debian mirror; the machine's own when undefined. */
  readonly mirror: string | undefined;
  /** Builds side by side. */
  readonly slots: number;
  /** Milliseconds without a sign of life after which another runner takes the build. */
  readonly leaseTime: number;
  /** Milliseconds to keep trying to hand in a result while the store is away or full. */
  readonly patience: number;
  readonly limits: Partial<Limits>;
}

/** Settings from the environment, but for those that are given. */
export function runnerSettings(given: Partial<RunnerSettings> = {}): RunnerSettings {
  const memory = numberSetting('TUMBI_BUILD_MEMORY_BYTES', 0);
  return {
    nats: given.nats ?? natsSettings(),
    store: given.store ?? storeSetting(),
    name: setting('TUMBI_RUNNER_NAME') ?? hostname(),
    directory: given.directory ?? requiredSetting('TUMBI_RUNNER_DIR', "the runner's own folder"),
    cacheDirectory:
      given.cacheDirectory ?? requiredSetting('TUMBI_CACHE_DIR', 'a folder for base roots and packages'),
    mirror: setting('TUMBI_MIRROR'),
    slots: numberSetting('TUMBI_RUNNER_SLOTS', 1),
    leaseTime: numberSetting('TUMBI_RUNNER_LEASE_SECONDS', 60) * 1_000,
    patience: numberSetting('TUMBI_RUNNER_PATIENCE_SECONDS', 900) * 1_000,
    limits: {
      silenceSeconds: numberSetting('TUMBI_BUILD_SILENCE_SECONDS', 150 * 60),
      ...(memory ? { memoryBytes: memory } : {}),
    },
    ...given,
  };
}
