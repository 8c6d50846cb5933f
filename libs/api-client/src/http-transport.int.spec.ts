import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, describe, it } from 'node:test';
import { connect } from './client.js';
import { ApiError, Unreachable } from './errors.js';

/** What only a server that misbehaves shows; the gateway itself is met in the tests of the command line. */
describe('the client of a server in trouble', () => {
  let server: Server | undefined;
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise(resolve => (server ? server.close(resolve) : resolve(undefined)));
    server = undefined;
  });

  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Gives the answers in their order, the last one for ever, and keeps the requests. */
  async function serveInOrder(...answers: RequestListener[]) {
    const requests: IncomingMessage[] = [];
    const url = await serve((request, response) => {
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push(request);
      answer?.(request, response);
    });
    return { url, requests };
  }

  const json =
    (status: number, body: object): RequestListener =>
    (_request, response) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const away = json(503, { statusCode: 503, message: 'The database is away.' });
  const tags = json(200, { tags: [] });
  const dropped: RequestListener = request => request.socket.destroy();

  it('reads again until the server is back, and says so', async () => {
    const { url, requests } = await serveInOrder(away, dropped, tags);
    const waits: string[] = [];
    const client = connect({ url, onWait: why => waits.push(why) });
    assert.deepEqual(await client.listTags(), { tags: [] });
    assert.equal(requests.length, 3);
    assert.deepEqual(waits, ['The database is away.']);
  });

  it('gives up when its patience ends', async () => {
    const { url } = await serveInOrder(away);
    await assert.rejects(connect({ url, patience: 10 }).listTags(), { name: 'ApiError', status: 503 });
  });

  it('asks for one build however often it has to ask', async () => {
    const bodies: string[] = [];
    const url = await serve(async (request, response) => {
      bodies.push(await text(request));
      if (bodies.length < 3) away(request, response);
      else json(201, { id: JSON.parse(bodies[0] ?? '').id })(request, response);
    });
    const build = await connect({ url }).requestBuild({
      source: { kind: 'archive', name: 'hello' },
      suite: 'trixie',
    });
    assert.match(build.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    assert.equal(new Set(bodies).size, 1);
  });

  it('does not repeat what may have happened already', async () => {
    const { url, requests } = await serveInOrder(away, tags);
    await assert.rejects(connect({ url }).cancelBuild('x', {}), { status: 503 });
    assert.equal(requests.length, 1);
  });

  it('takes a server that never answered for a wrong address', async () => {
    const { url } = await serveInOrder(dropped, tags);
    await assert.rejects(connect({ url }).listTags(), Unreachable);
  });

  it('passes the sentence of a refusal on', async () => {
    const { url } = await serveInOrder(json(409, { statusCode: 409, message: 'It has ended already.' }));
    await assert.rejects(connect({ url }).getBuild('x'), new ApiError(409, 'It has ended already.'));
  });

  it('says what answered when it is no Tumbi', async () => {
    const { url } = await serveInOrder((_request, response) => response.writeHead(404).end('<html>'));
    await assert.rejects(connect({ url }).listTags(), {
      status: 404,
      message: `${url}/api/tags answered 404.`,
    });
  });

  it('reads an answer again that broke off', async () => {
    const { url } = await serveInOrder((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"tags":', () => response.destroy());
    }, tags);
    assert.deepEqual(await connect({ url }).listTags(), { tags: [] });
  });

  it('sends the token and the query', async () => {
    const { url, requests } = await serveInOrder(json(200, { builds: [], next: null }));
    await connect({ url: `${url}/`, token: 'secret' }).listBuilds({
      tag: 'a&b',
      source: undefined,
      limit: 2,
    });
    assert.equal(requests[0]?.headers.authorization, 'Bearer secret');
    assert.equal(requests[0]?.url, '/api/builds?tag=a%26b&limit=2');
  });

  it('goes on with a stream behind the last event that it saw', async () => {
    const events: RequestListener[] = [
      (request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('id: 4\ndata: {"sequence":4}\n\n', () => request.socket.destroy());
      },
      away,
      (_request, response) => response.end('event: error\ndata: {"message":"gone"}\n\n'),
      (_request, response) => {
        response.write('id: 5\ndata: {"sequence":5}\n\n');
      },
    ];
    const { url, requests } = await serveInOrder(...events);
    const seen: number[] = [];
    for await (const { data } of connect({ url }).followEvents({ from: 4 })) {
      seen.push(data.sequence);
      if (seen.length === 2) break;
    }
    assert.deepEqual(seen, [4, 5]);
    assert.deepEqual(
      requests.map(request => request.headers['last-event-id']),
      [undefined, '4', '4', '4'],
    );
  });

  it('ends a stream when it is told to', async () => {
    const { url } = await serveInOrder((_request, response) => {
      response.write('data: {}\n\n');
    });
    const stop = new AbortController();
    for await (const _ of connect({ url }).followEvents({}, { signal: stop.signal })) stop.abort();
  });

  it('sends a file only to a server that lacks it, whole again after an outage', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tumbi-client-'));
    try {
      const bytes = Buffer.alloc(3_000_000, 'tumbi');
      const file = {
        path: join(folder, 'x.tar.xz'),
        sha256: createHash('sha256').update(bytes).digest('hex'),
      };
      await writeFile(file.path, bytes);
      const stored: Buffer[] = [];
      const url = await serve(async (request, response) => {
        if (request.method === 'HEAD') response.writeHead(stored.length > 1 ? 200 : 404).end();
        else {
          stored.push(await buffer(request));
          (stored.length === 1 ? away : json(200, {}))(request, response);
        }
      });
      const client = connect({ url });
      assert.equal(await client.upload(file), true);
      assert.equal(await client.upload(file), false);
      assert.deepEqual(
        stored.map(one => one.equals(bytes)),
        [true, true],
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
