import type { NatsAddress } from '@tumbi/event-log';
import { natsSettings, numberSetting, requiredSetting, setting, storeSetting } from '@tumbi/service-host';

export const SETTINGS = Symbol('GatewaySettings');

export interface GatewaySettings {
  readonly nats: NatsAddress;
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. */
  readonly postgres: string;
  /** A folder, or `s3://…`. */
  readonly store: string;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Tokens by digest, with names and roles. */
  readonly tokensFile: string;
  /** Seconds that an attempt may take unless the request says otherwise. */
  readonly timeLimit: number;
  /** Debian architecture of builds unless the request says otherwise. */
  readonly architecture: string;
  /** Bytes of one uploaded file, at most. */
  readonly maxUpload: number;
}

/** Settings from the environment, but for those that are given. */
export function gatewaySettings(given: Partial<GatewaySettings> = {}): GatewaySettings {
  return {
    nats: given.nats ?? natsSettings(),
    postgres:
      given.postgres ?? requiredSetting('TUMBI_POSTGRES_URL', 'postgres://USER:PASSWORD@HOST:PORT/DATABASE'),
    store: given.store ?? storeSetting(),
    host: setting('TUMBI_HOST') ?? '127.0.0.1',
    port: numberSetting('TUMBI_PORT', 8080),
    tokensFile: given.tokensFile ?? requiredSetting('TUMBI_TOKENS', 'the file of access tokens'),
    timeLimit: numberSetting('TUMBI_BUILD_SECONDS', 4 * 60 * 60),
    architecture: setting('TUMBI_ARCHITECTURE') ?? (process.arch === 'x64' ? 'amd64' : process.arch),
    maxUpload: numberSetting('TUMBI_MAX_UPLOAD_BYTES', 4 * 1024 ** 3),
    ...given,
  };
}
