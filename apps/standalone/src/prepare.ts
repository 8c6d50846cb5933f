/**
 * What several containers need before their services start (deploy/compose.yml):
 *
 *     prepare.js secrets FOLDER   passwords, NATS' users and the first token; what is there already stays
 *     prepare.js streams          the event log's streams, as the operator
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectNats, ensureStreams, serviceUsers } from '@tumbi/event-log';
import { natsSettings } from '@tumbi/service-host';
import { adminToken, natsPasswords } from './secrets.js';

/** Writes one file for each secret; the folder is its owner's alone, the files are for the containers they go to. */
async function writeSecrets(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  const users = serviceUsers(await natsPasswords(folder));
  await adminToken(folder);
  const postgres = await passwordFile(join(folder, 'postgres-password'));
  const minio = await passwordFile(join(folder, 'minio-password'));
  const files = {
    'nats-users.conf': natsUsers(users),
    'postgres-url': `postgres://tumbi:${postgres}@postgres:5432/tumbi`,
    store: `s3://tumbi:${minio}@minio:9000/tumbi`,
    ...Object.fromEntries(users.map(({ name, password }) => [`nats-${name}`, password])),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  for (const name of await readdir(folder)) await chmod(join(folder, name), 0o644);
}

/** The part of nats-server's configuration that holds users, in the JSON that its format is a superset of. */
function natsUsers(users: ReturnType<typeof serviceUsers>): string {
  return JSON.stringify(
    { users: users.map(({ name, password, permissions }) => ({ user: name, password, permissions })) },
    undefined,
    2,
  );
}

/** A password that is made once; it may stand in a URL. */
async function passwordFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    const password = randomBytes(24).toString('hex');
    await writeFile(file, password, { mode: 0o600 });
    return password;
  }
}

async function createStreams(): Promise<void> {
  const connection = await connectNats(natsSettings(), 'tumbi-operator');
  await ensureStreams(connection).finally(() => connection.close());
}

const [command, folder] = process.argv.slice(2);
try {
  if (command === 'secrets' && folder) await writeSecrets(folder);
  else if (command === 'streams') await createStreams();
  else throw new Error('Say what to prepare: "secrets FOLDER" or "streams".');
} catch (error) {
  console.error(`tumbi: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
