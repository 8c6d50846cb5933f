import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreFull, StoreRefused, StoreUnavailable } from './errors.js';
import type { ObjectStore } from './object-store.js';
import { openS3Store } from './s3-store.js';
import { objectStoreContract } from './testing/contract.js';
import { type MinioServer, obtainMinio, startMinio } from './testing/minio-server.js';
import { onSmallDisk } from './testing/small-disk.js';
import { testCache } from './testing/test-cache.js';

const MIB = 1024 * 1024;

let dir: string;
let binary: string;
let minio: MinioServer;
before(async () => {
  binary = await obtainMinio(join(testCache(), 'tools'));
  dir = await mkdtemp(join(tmpdir(), 'tumbi-minio-'));
  minio = await startMinio({ binary, dir: join(dir, 'data') });
});
after(async () => {
  await minio?.stop();
  await rm(dir, { recursive: true });
});

objectStoreContract('A bucket of MinIO', () => openS3Store({ ...minio, bucket: 'contract' }));

describe('An S3 store', () => {
  it('puts a blob where the design says', async () => {
    const store = await openS3Store({ ...minio, bucket: 'layout' });
    const { sha256 } = await store.put(Buffer.from('abc'));
    const { Client } = await import('minio');
    const { hostname, port } = new URL(minio.endpoint);
    const { accessKey, secretKey } = minio;
    const client = new Client({
      endPoint: hostname,
      port: Number(port),
      useSSL: false,
      accessKey,
      secretKey,
    });
    const found = await client.statObject('layout', `blobs/sha256/${sha256.slice(0, 2)}/${sha256}`);
    assert.equal(found.size, 3);
  });

  it('says that it cannot be used while the server is down, and works again afterwards', async () => {
    const { accessKey, secretKey } = minio;
    const options = { binary, dir: join(dir, 'outage'), credentials: { accessKey, secretKey } };
    let server = await startMinio(options);
    try {
      const store = await openS3Store({ ...server, bucket: 'outage' });
      const kept = await store.put(Buffer.from('kept'));
      await server.stop();
      await assert.rejects(store.put(Buffer.from('lost?')), isUnavailable);
      await assert.rejects(store.put(Buffer.alloc(20 * 1024 * 1024)), isUnavailable);
      await assert.rejects(store.get(kept.sha256), isUnavailable);
      await assert.rejects(store.stat(kept.sha256), isUnavailable);
      await assert.rejects(store.putNamed('a', Buffer.from('b')), isUnavailable);
      await assert.rejects(store.check(), isUnavailable);
      await assert.rejects(store.list()[Symbol.asyncIterator]().next(), isUnavailable);
      server = await startMinio({ ...options, port: server.port });
      await store.put(Buffer.from('lost?'));
      assert.equal(String(await buffer(await store.get(kept.sha256))), 'kept');
    } finally {
      await server.stop();
    }
  });

  it('says that the disk is full, loses nothing, and goes on when there is space again', async () => {
    const disk = join(dir, 'disk');
    await mkdir(disk);
    await using server = await startMinio({ binary, dir: disk, prefix: onSmallDisk(disk, 96) });
    const store = await openS3Store({ ...server, bucket: 'full' });
    const kept = await store.put(Buffer.from('kept'));
    // The small disk is in the server's own mount namespace. MinIO frees what is deleted through S3 only minutes later.
    const ballast = `/proc/${server.pid}/root${disk}/ballast`;
    await writeFile(ballast, Buffer.alloc(40 * MIB));
    for (const size of [10 * MIB, 100 * MIB]) {
      const large = Buffer.alloc(size, 'x');
      await fill(store);
      await assert.rejects(store.put(large), error => {
        assert.ok(error instanceof StoreFull, String(error));
        return true;
      });
    }
    assert.equal(String(await buffer(await store.get(kept.sha256))), 'kept');
    await rm(ballast);
    const large = randomBytes(20 * MIB);
    // MinIO looks at its disk's free space once in a while only.
    const { sha256 } = await withinSeconds(30, () => store.put(large));
    assert.deepEqual(await buffer(await store.get(sha256)), large);
  });

  it('tells wrong credentials from an outage', async () => {
    await assert.rejects(
      openS3Store({ ...minio, secretKey: 'not-the-secret', bucket: 'contract' }),
      error => {
        assert.ok(error instanceof StoreRefused);
        assert.equal(error.retryable, false);
        assert.match(error.message, /check the bucket, the access key and the secret key/);
        assert.ok(!error.message.includes('not-the-secret'));
        return true;
      },
    );
  });

  it('says that it cannot be used when the server answers 503 or breaks off', async () => {
    let breakOff = false;
    const server = createServer((request, response) => {
      if (breakOff) request.socket.destroy();
      else response.writeHead(503).end();
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const options = { ...minio, endpoint: `http://127.0.0.1:${address.port}`, bucket: 'any' };
    try {
      await assert.rejects(openS3Store(options), isUnavailable);
      breakOff = true;
      await assert.rejects(openS3Store(options), isUnavailable);
    } finally {
      server.close();
    }
  });
});

/** Stores objects until there is no space for another. */
async function fill(store: ObjectStore): Promise<void> {
  for (let number = 0; ; number += 1) {
    try {
      await store.putNamed(`filler/${number}-${randomBytes(4).toString('hex')}`, Buffer.alloc(4 * MIB));
    } catch (error) {
      assert.ok(error instanceof StoreFull, String(error));
      return;
    }
  }
}

/** Makes a call again while it says that it may succeed later. */
async function withinSeconds<T>(seconds: number, call: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + seconds * 1_000; ; await delay(250)) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StoreFull && error.retryable) || Date.now() > end) throw error;
    }
  }
}

function isUnavailable(error: unknown): boolean {
  assert.ok(error instanceof StoreUnavailable, String(error));
  assert.equal(error.retryable, true);
  return true;
}
