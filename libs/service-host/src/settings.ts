import { readFileSync } from 'node:fs';
import type { NatsAddress } from '@tumbi/event-log';

/**
 * A setting from the environment: `NAME`, or the contents of the file that `NAME_FILE` names, so that secrets
 * need not stand in the environment.
 */
export function setting(name: string): string | undefined {
  const file = process.env[`${name}_FILE`];
  return process.env[name] ?? (file ? readFileSync(file, 'utf8').trim() : undefined);
}

/** @throws Error with one sentence when the setting is missing */
export function requiredSetting(name: string, meaning: string): string {
  const value = setting(name);
  if (value) return value;
  throw new Error(`Set ${name} (or ${name}_FILE): ${meaning}.`);
}

/** A setting that is a number; its default when it is not set. */
export function numberSetting(name: string, otherwise: number): number {
  const value = setting(name);
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (Number.isFinite(number)) return number;
  throw new Error(`${name} is ${JSON.stringify(value)}; it must be a number.`);
}

/** Where the log is, from TUMBI_NATS_URL, TUMBI_NATS_USER and TUMBI_NATS_PASSWORD. */
export function natsSettings(): NatsAddress {
  return {
    url: requiredSetting('TUMBI_NATS_URL', 'the address of the NATS server, such as nats://127.0.0.1:4222'),
    user: setting('TUMBI_NATS_USER'),
    password: setting('TUMBI_NATS_PASSWORD'),
  };
}

/** Where blobs are, from TUMBI_STORE. */
export function storeSetting(): string {
  return requiredSetting('TUMBI_STORE', 'a folder, or s3://ACCESS:SECRET@HOST:PORT/BUCKET');
}
