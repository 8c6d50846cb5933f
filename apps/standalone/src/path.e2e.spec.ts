import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ensureBaseRoot, hostDebianMirror, openScratchRoot } from '@tumbi/deb-mock';
import { makeSourcePackage } from '@tumbi/deb-mock/testing';
import { connectNats, EventLog, Projector } from '@tumbi/event-log';
import { hubProjection } from '@tumbi/gateway';
import { DataSource } from 'typeorm';
import { type BuildView, type Hub, startHub, testCacheDirectory } from './testing/hub.js';

interface SentEvent {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: { attempt: number; first: number; lines: string[]; state: string };
}

/** Reads server-sent events until `enough`, as a client of the standard would. */
async function listen(url: string, lastEventId = '', enough = (event: SentEvent) => event.event === 'end') {
  const answer = await fetch(url, { headers: { 'last-event-id': lastEventId } });
  assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  const events: SentEvent[] = [];
  let text = '';
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString();
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = new Map(
        text
          .slice(0, end)
          .split('\n')
          .map(line => [line.replace(/:.*/s, ''), line.replace(/^[^:]*: ?/, '')]),
      );
      text = text.slice(end + 2);
      const data = fields.get('data');
      if (data === undefined) continue;
      const event = { id: fields.get('id'), event: fields.get('event'), data: JSON.parse(data) };
      events.push(event);
      if (enough(event)) return events;
    }
  }
  return events;
}

/** The lines of a log as a follower saw them, each with its number. */
function lines(events: SentEvent[]): string[] {
  return events
    .filter(event => event.event === 'log')
    .flatMap(event =>
      event.data.lines.map((line, i) => `${event.data.attempt}:${event.data.first + i} ${line}`),
    );
}

describe('from a source package to an installed one', () => {
  let hub: Hub;
  let build: BuildView;
  let followed: Promise<SentEvent[]>;

  before(async () => {
    hub = await startHub();
    await hub.startRunner();
    const dsc = await makeSourcePackage(join(hub.home, 'sources'), {
      name: 'tumbi-first',
      build: ['for i in 1 2 3 4 5 6; do echo line $i; sleep 0.3; done'],
    });
    const submitted = await hub.submit(dsc, { tag: 'first' });
    followed = listen(`${hub.url}/api/builds/${submitted.id}/log/stream`);
    build = await hub.ended(submitted.id);
  });
  after(() => hub?.[Symbol.asyncDispose]());

  it('ends installed', () => assert.equal(build.state, 'Installed', build.message ?? ''));

  it('makes every step an event, in order', async () => {
    const types = (await hub.events()).map(({ event }) => event.type.split('.')[1]);
    assert.deepEqual(types, [
      'RunnerRegistered',
      'BuildRequested',
      'BuildScheduled',
      'BuildStarted',
      'DebProduced',
      'BuildSucceeded',
      'TagCreated',
      'PackageTagged',
      'RepositoryPublished',
    ]);
  });

  it('names every input by digest before the build', async () => {
    const started = (await hub.events(`build=${build.id}&type=BuildStarted`))[0]?.event.data as {
      inputs: { sha256: string };
      source: { files: { name: string; sha256: string }[] };
    };
    assert.deepEqual(
      started.source.files.map(file => file.name),
      ['tumbi-first_1.0.dsc', 'tumbi-first_1.0.tar.xz'],
    );
    const answer = await fetch(`${hub.url}/api/builds/${build.id}/files/inputs.json`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.equal(createHash('sha256').update(bytes).digest('hex'), started.inputs.sha256);
    const inputs = JSON.parse(bytes.toString()) as { packages: { name: string; sha256: string }[] };
    assert.ok(inputs.packages.some(one => one.name === 'dpkg-dev' && /^[0-9a-f]{64}$/.test(one.sha256)));
  });

  it('gives the .deb that it recorded, whole and in part', async () => {
    const deb = build.debs[0];
    assert.ok(deb);
    const url = `${hub.url}/api/builds/${build.id}/files/${deb.filename}`;
    const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
    assert.equal(createHash('sha256').update(whole).digest('hex'), deb.sha256);
    const part = await fetch(url, { headers: { range: 'bytes=8-15' } });
    assert.equal(part.status, 206);
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), whole.subarray(8, 16));
    const none = await fetch(url, { headers: { range: `bytes=${whole.length}-` } });
    assert.equal(none.status, 416);
  });

  it('sends the log live, and the same lines afterwards', async () => {
    const live = await followed;
    assert.ok(live.filter(event => event.event === 'log').length > 3, 'the lines came in several events');
    assert.equal(live.at(-1)?.event, 'end');
    const stored = await (await fetch(`${hub.url}/api/builds/${build.id}/log`)).text();
    const expected = stored
      .replace(/\n$/, '')
      .split('\n')
      .map((line, i) => `1:${i + 1} ${line}`);
    assert.deepEqual(lines(live), expected);
    assert.deepEqual(lines(await listen(`${hub.url}/api/builds/${build.id}/log/stream`)), expected);
  });

  it('resumes the log after the last line that was seen', async () => {
    const url = `${hub.url}/api/builds/${build.id}/log/stream`;
    const all = lines(await listen(url));
    const rest = lines(await listen(url, '1-10'));
    assert.deepEqual(rest, all.slice(10));
    assert.deepEqual(lines(await listen(url, `1-${all.length}`)), []);
  });

  it('resumes events after the last one that was seen', async () => {
    const events = await listen(`${hub.url}/api/events/stream`, '3', event => event.id === '9');
    assert.deepEqual(
      events.map(event => event.id),
      ['4', '5', '6', '7', '8', '9'],
    );
  });

  it('is installed by an unmodified apt that trusts only the key it was given', async () => {
    const base = await ensureBaseRoot({
      suite: 'trixie',
      mirror: hostDebianMirror(),
      cacheDir: testCacheDirectory(),
    });
    await using root = await openScratchRoot(base, testCacheDirectory());
    const sources = await (await fetch(`${hub.url}/apt/first/tumbi.sources`)).text();
    assert.doesNotMatch(sources, /trusted/i);
    const script = `
      rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
      cat > /etc/apt/sources.list.d/tumbi.sources
      apt-get -q update && apt-get -q -y install tumbi-first && cat /usr/share/tumbi-first/made`;
    const result = await root.run(['sh', '-c', script], { input: sources });
    assert.equal(result.code, 0, result.stdout + result.stderr);
    assert.match(result.stdout, /\nmade\n$/);
  });

  it('serves nothing but what the repository holds', async () => {
    for (const path of [
      'dists/first/nothing',
      'dists/../../../token',
      '%2e%2e/%2e%2e/token',
      'pool/main/x/y',
    ])
      assert.equal((await fetch(`${hub.url}/apt/first/${path}`)).status, 404, path);
  });

  it('adds a second package to the same repository', async () => {
    const dsc = await makeSourcePackage(join(hub.home, 'sources'), { name: 'tumbi-second' });
    const second = await hub.ended((await hub.submit(dsc, { tag: 'first' })).id);
    assert.equal(second.state, 'Installed');
    const index = await fetch(`${hub.url}/apt/first/dists/trixie/main/binary-amd64/Packages.gz`);
    const packages = gunzipSync(await index.arrayBuffer()).toString();
    assert.deepEqual([...packages.matchAll(/^Package: (.*)$/gm)].map(match => match[1]).sort(), [
      'tumbi-first',
      'tumbi-second',
    ]);
  });

  it('takes a request that comes twice under one id as one', async () => {
    const id = '0192f0c1-0000-7000-8000-000000000001';
    const request = { id, source: { kind: 'archive', name: 'tumbi-none' }, suite: 'trixie' };
    const first = await hub.api('POST', '/api/builds', request);
    const again = await hub.api('POST', '/api/builds', request);
    assert.deepEqual([first.status, again.status], [201, 201]);
    assert.equal((await hub.events(`build=${id}&type=BuildRequested`)).length, 1);
    const other = await hub.api<{ message: string }>('POST', '/api/builds', { ...request, tag: 'other' });
    assert.equal(other.status, 409);
    await hub.api('POST', `/api/builds/${id}/cancel`, { reason: 'not needed' });
  });

  it('has the same rows when they are made anew from the log', async () => {
    const connection = await connectNats(hub.servers.as('gateway'), 'rebuild');
    const log = await EventLog.open(connection, { producer: 'gateway' });
    const again = { url: hub.servers.database, schema: 'gateway_again', projection: hubProjection };
    const projector = new Projector(log, again);
    const database = await new DataSource({ type: 'postgres', url: hub.servers.database }).initialize();
    try {
      await projector.start();
      for (const table of ['build', 'deb', 'tag', 'runner']) {
        const digest = (schema: string) =>
          database.query(
            `SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM ${schema}.${table} t`,
          );
        const [live] = await digest('gateway');
        assert.ok(Number(live.count) > 0, table);
        assert.deepEqual(await digest('gateway_again'), [live], table);
      }
    } finally {
      await database.destroy();
      await projector.stop();
      await connection.close();
    }
  });

  it('stops a running build that is cancelled, and publishes nothing of it', async () => {
    const dsc = await makeSourcePackage(join(hub.home, 'sources'), {
      name: 'tumbi-slow',
      build: ['sleep 60'],
    });
    const { id } = await hub.submit(dsc, { tag: 'slow' });
    await hub.until(id, one => one.state === 'Building');
    const { status } = await hub.api('POST', `/api/builds/${id}/cancel`, { reason: 'changed my mind' });
    assert.equal(status, 200);
    assert.equal((await hub.ended(id)).state, 'Cancelled');
    const again = await hub.api<{ message: string }>('POST', `/api/builds/${build.id}/cancel`, {});
    assert.equal(again.status, 409);
    assert.match(again.body.message, /has ended already/);
    // The slot is free again: the next build is not kept waiting for the cancelled one.
    const next = await makeSourcePackage(join(hub.home, 'sources'), { name: 'tumbi-next' });
    assert.equal((await hub.ended((await hub.submit(next)).id, 50)).state, 'Installed');
    assert.equal((await hub.api('GET', '/api/tags/slow')).status, 404);
    await rm(join(hub.home, 'sources'), { recursive: true });
  });
});
