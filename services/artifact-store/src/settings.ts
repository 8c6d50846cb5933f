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

export function artifactStoreSettings(): ArtifactStoreSettings {
  return {
    nats: natsSettings(),
    store: storeSetting(),
    keysDirectory: requiredSetting('TUMBI_KEYS_DIR', "a folder for the repositories' signing keys"),
  };
}
