import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { connectNats, EventLog } from '@tumbi/event-log';
import { type NatsUser, startNats } from '@tumbi/local-servers';

const program = join(import.meta.dirname, 'prepare.js');

function prepare(args: readonly string[], environment: Record<string, string> = {}) {
  return promisify(execFile)(process.execPath, [program, ...args], {
    env: { ...process.env, ...environment },
  });
}

describe('what containers need before they start', () => {
  let directory: string;
  let secrets: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tumbi-prepare-'));
    secrets = join(directory, 'secrets');
    await prepare(['secrets', secrets]);
  });
  after(() => rm(directory, { recursive: true }));

  it('are secrets that are made once, in a folder for their owner alone', async () => {
    const contents = async () =>
      Promise.all(
        (await readdir(secrets))
          .sort()
          .map(async name => [name, await readFile(join(secrets, name), 'utf8')]),
      );
    const first = await contents();
    await prepare(['secrets', secrets]);
    assert.deepEqual(await contents(), first);
    assert.equal((await stat(secrets)).mode & 0o777, 0o700);
  });

  it('are streams, which the operator makes and a service finds', async () => {
    const read = (name: string) => readFile(join(secrets, name), 'utf8');
    const { users } = JSON.parse(await read('nats-users.conf')) as {
      users: ({ user: string } & Omit<NatsUser, 'name'>)[];
    };
    await using server = await startNats({
      dir: join(directory, 'nats'),
      port: 0,
      users: users.map(({ user, ...rest }) => ({ name: user, ...rest })),
    });
    const as = async (user: string) => ({
      TUMBI_NATS_URL: server.url,
      TUMBI_NATS_USER: user,
      TUMBI_NATS_PASSWORD: await read(`nats-${user}`),
    });
    await assert.rejects(prepare(['streams'], await as('gateway')), /ermission/);
    await prepare(['streams'], await as('operator'));
    const password = await read('nats-gateway');
    const connection = await connectNats({ url: server.url, user: 'gateway', password }, 'test');
    const log = await EventLog.open(connection, { producer: 'gateway' });
    assert.equal(await log.lastSequence(), 0);
    await connection.close();
  });

  it('is said when nothing is asked for', () =>
    assert.rejects(prepare([]), /Say what to prepare: "secrets FOLDER" or "streams"\./));
});
