import type { NatsAddress } from '@tumbi/event-log';
import { natsSettings, requiredSetting, storeSetting } from '@tumbi/service-host';

export const SETTINGS = Symbol('ArtifactStoreSettings');

export interface ArtifactStoreSettings {
  readonly nats: NatsAddress;
  /** A folder, or `s3://…`. */
  readonly store: string;
  /** The repositories' private keys, readable by this service only. */
  readonly keysDirectory: string;
}

/** Settings from the environment, but for those that are given. */
export function artifactStoreSettings(given: Partial<ArtifactStoreSettings> = {}): ArtifactStoreSettings {
  return {
    nats: given.nats ?? natsSettings(),
    store: given.store ?? storeSetting(),
    keysDirectory:
      given.keysDirectory ?? requiredSetting('TUMBI_KEYS_DIR', "a folder for the repositories' signing keys"),
  };
}
