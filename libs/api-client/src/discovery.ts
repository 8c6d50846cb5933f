import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidAddress, Unreachable } from './errors.js';

/** Where a server is and what opens it. */
export interface Address {
  readonly url: string;
  readonly token: string | undefined;
}

/**
 * The server to talk to: `TUMBI_URL` with `TUMBI_TOKEN`; without them, what runs from the folder `TUMBI_HOME`, which
 * is `.tumbi` of the checkout unless told otherwise. A folder's token goes to no other server.
 *
 * @throws Unreachable when no server is named and none runs from the folder
 * @throws InvalidAddress when TUMBI_URL is no address
 */
export async function discover(environment: NodeJS.ProcessEnv = process.env): Promise<Address> {
  const { TUMBI_URL: url, TUMBI_TOKEN: token } = environment;
  if (url) return { url: httpUrl(url), token };
  const home = environment.TUMBI_HOME || join(import.meta.dirname, '../../../.tumbi');
  const address = await firstLine(join(home, 'address'));
  if (!address)
    throw new Unreachable(
      `No Tumbi runs from ${home}: start one with "npm start", or set TUMBI_URL and TUMBI_TOKEN.`,
    );
  return { url: address, token: token || (await firstLine(join(home, 'token'))) };
}

function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return text;
  throw new InvalidAddress(
    `TUMBI_URL is ${JSON.stringify(text)}; it must be an address such as http://127.0.0.1:8080.`,
  );
}

async function firstLine(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n')[0]?.trim() || undefined;
}
