import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { makeSourcePackage } from '@tumbi/deb-mock/testing';
import { connectNats, EventLog } from '@tumbi/event-log';
import {
  type MinioServer,
  obtainMinio,
  onSmallDisk,
  startMinio,
  testCache,
} from '@tumbi/object-store/testing';
import { type BuildView, type Hub, startHub } from './testing/hub.js';

const OUTAGE = 20_000;

/** The build's whole history holds one of each step. */
async function assertOneOfEach(hub: Hub, build: BuildView): Promise<void> {
  assert.equal(build.state, 'Installed', build.message ?? '');
  const types = (await hub.events(`build=${build.id}`)).map(({ event }) => event.type.split('.')[1]);
  assert.deepEqual(types, [
    'BuildRequested',
    'BuildScheduled',
    'BuildStarted',
    'DebProduced',
    'BuildSucceeded',
  ]);
}

/** Starts a build that ends in the middle of an outage, which begins once it runs. */
async function buildThrough(hub: Hub, name: string, outage: () => Promise<void>): Promise<BuildView> {
  const dsc = await makeSourcePackage(hub.home, { name, build: ['sleep 4'] });
  const { id } = await hub.submit(dsc);
  await hub.until(id, build => build.state === 'Building');
  await outage();
  return hub.ended(id);
}

describe('an outage of 20 seconds in the middle of a build', () => {
  let hub: Hub;
  before(async () => {
    hub = await startHub();
    await hub.startRunner();
  });
  after(() => hub?.[Symbol.asyncDispose]());

  it('of NATS delays the build and loses nothing', async () => {
    const build = await buildThrough(hub, 'tumbi-without-nats', async () => {
      await hub.servers.nats.stop();
      await pause(OUTAGE);
      await hub.servers.nats.restart();
    });
    await assertOneOfEach(hub, build);
  });

  it('of PostgreSQL is said by the API, and loses nothing', async () => {
    const build = await buildThrough(hub, 'tumbi-without-postgres', async () => {
      await hub.servers.postgres.stop();
      const { status, body } = await hub.api<{ message: string }>('GET', '/api/builds');
      assert.equal(status, 503);
      assert.match(body.message, /database is away/);
      await pause(OUTAGE);
      await hub.servers.postgres.restart();
    });
    await assertOneOfEach(hub, build);
  });
});

describe('an object store on S3', () => {
  let directory: string;
  let binary: string;
  before(async () => {
    binary = await obtainMinio(join(testCache(), 'tools'));
    directory = await mkdtemp(join(tmpdir(), 'tumbi-minio-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const location = (minio: MinioServer) =>
    `s3://${minio.accessKey}:${minio.secretKey}@127.0.0.1:${minio.port}/tumbi`;

  it('may be away for 20 seconds in the middle of a build', async () => {
    const dir = join(directory, 'away');
    const first = await startMinio({ binary, dir });
    await using restarted = new AsyncDisposableStack();
    await using hub = await startHub({ store: location(first) });
    await hub.startRunner();
    const build = await buildThrough(hub, 'tumbi-without-store', async () => {
      await first.stop();
      await pause(OUTAGE);
      restarted.use(await startMinio({ binary, dir, port: first.port, credentials: first }));
    });
    await assertOneOfEach(hub, build);
  });

  it('may be full: what was built waits until there is room', async () => {
    const disk = join(directory, 'disk');
    await mkdir(disk);
    await using minio = await startMinio({ binary, dir: disk, prefix: onSmallDisk(disk, 96) });
    await using hub = await startHub({ store: location(minio) });
    await hub.startRunner();
    // The small disk is in the server's own mount namespace.
    const ballast = `/proc/${minio.pid}/root${disk}/ballast`;
    const build = await buildThrough(hub, 'tumbi-on-a-full-disk', async () => {
      await assert.rejects(writeFile(ballast, Buffer.alloc(96 << 20)), { code: 'ENOSPC' });
      const body = new Uint8Array(4 << 20);
      const refused = await fetch(`${hub.url}/api/blobs/${createHash('sha256').update(body).digest('hex')}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${hub.token}`, 'content-type': 'application/octet-stream' },
        body,
      });
      assert.equal(refused.status, 507);
      await pause(8_000);
      await rm(ballast);
    });
    await assertOneOfEach(hub, build);
  });
});

describe('a message that is no event', () => {
  it('is set aside, shown, and stops nothing', async () => {
    await using hub = await startHub();
    await hub.startRunner();
    const connection = await connectNats(hub.servers.as('mock-runner'), 'mischief');
    const log = await EventLog.open(connection, { producer: 'mock-runner' });
    const before = await log.lastSequence();
    const subject = 'tumbi.log.build.0192f0c1-0000-7000-8000-00000000dead.BuildSucceeded.v1';
    await connection.request(subject, '{"this": "is no event"', { timeout: 5_000 });
    await connection.close();
    const dsc = await makeSourcePackage(hub.home, { name: 'tumbi-after-poison' });
    assert.equal((await hub.ended((await hub.submit(dsc)).id)).state, 'Installed');
    const { body } = await hub.api<{
      deadLetters: { reader: string; reason: string; source: { sequence: number } }[];
    }>('GET', '/api/dead-letters');
    assert.deepEqual(body.deadLetters.map(letter => letter.reader).sort(), [
      'artifact-store.artifact-store-succeeded',
      'gateway.hub',
    ]);
    for (const letter of body.deadLetters) {
      assert.equal(letter.source.sequence, before + 1);
      assert.match(letter.reason, /is not JSON in UTF-8/);
    }
  });
});
