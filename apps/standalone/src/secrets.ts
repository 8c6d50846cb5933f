import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PRODUCERS, type Producer } from '@tumbi/contracts';
import { OPERATOR } from '@tumbi/event-log';
import { tokenDigest } from '@tumbi/gateway';

type NatsPasswords = Record<Producer | typeof OPERATOR, string>;

/** The passwords of an installation's NATS users, made once and kept for its owner's eyes. */
export async function natsPasswords(home: string): Promise<NatsPasswords> {
  const known = await readJson<Partial<NatsPasswords>>(join(home, 'nats-passwords.json'));
  const users: (keyof NatsPasswords)[] = [OPERATOR, ...PRODUCERS];
  const passwords = Object.fromEntries(users.map(user => [user, known?.[user] ?? secret()])) as NatsPasswords;
  await writePrivate(join(home, 'nats-passwords.json'), JSON.stringify(passwords));
  return passwords;
}

/** The first token, which may do everything, and the file of digests that the gateway reads. */
export async function adminToken(home: string): Promise<{ token: string; tokensFile: string }> {
  const tokensFile = join(home, 'tokens.json');
  const known = await readFile(join(home, 'token'), 'utf8').catch(() => undefined);
  if (known && (await readJson(tokensFile))) return { token: known.trim(), tokensFile };
  const token = secret();
  const others = (await readJson<{ name: string }[]>(tokensFile))?.filter(one => one.name !== 'admin') ?? [];
  await writePrivate(join(home, 'token'), `${token}\n`);
  await writePrivate(
    tokensFile,
    JSON.stringify([...others, { name: 'admin', role: 'admin', sha256: tokenDigest(token) }]),
  );
  return { token, tokensFile };
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}

async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

async function writePrivate(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
