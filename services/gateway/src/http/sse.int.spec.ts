import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import fastify, { type FastifyInstance } from 'fastify';
import { type ServerEvent, sendEvents } from './sse.js';

describe('server-sent events', () => {
  let server: FastifyInstance;
  let port: number;
  let open = 0;
  let pulled = 0;

  /** Events without an end, which a leaving client must end. */
  async function* endless(signal: AbortSignal): AsyncGenerator<ServerEvent> {
    open++;
    try {
      while (!signal.aborted) {
        yield { id: String(++pulled), data: 'x'.repeat(10_000) };
        await pause(1, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      open--;
    }
  }

  async function* failing(): AsyncGenerator<ServerEvent> {
    yield { data: 1 };
    throw new Error('the source broke');
  }

  before(async () => {
    server = fastify({ forceCloseConnections: true });
    server.get('/endless', (_request, reply) => sendEvents(reply, endless));
    server.get('/late', async (_request, reply) => {
      await pause(50);
      await sendEvents(reply, endless);
    });
    server.get('/failing', (_request, reply) => sendEvents(reply, failing, '7'));
    await server.listen({ port: 0, host: '127.0.0.1' });
    port = (server.server.address() as { port: number }).port;
  });
  after(() => server.close());

  /** Waits for the sources of all clients to have ended. */
  async function allEnded() {
    for (let i = 0; i < 200 && open > 0; i++) await pause(25);
    assert.equal(open, 0, 'no source goes on for a client that has gone');
  }

  for (const path of ['/endless', '/late'])
    it(`ends the source when the client goes, whenever that is: ${path}`, async () => {
      for (let delay = 0; delay < 100; delay += 10) {
        const client = connect(port, '127.0.0.1');
        client.on('error', () => undefined);
        client.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
        await pause(delay);
        client.destroy();
      }
      await pause(100);
      await allEnded();
    });

  it('lets a client that does not read slow the source down', async () => {
    const client = connect(port, '127.0.0.1').pause();
    client.write('GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n');
    let before = -1;
    for (let i = 0; i < 200 && before !== pulled; i++) {
      before = pulled;
      await pause(100);
    }
    assert.equal(pulled, before, 'the source waits');
    client.destroy();
    await once(client, 'close');
    await allEnded();
  });

  it('tells the client where it starts, and what broke', async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/failing`)).text();
    assert.equal(text, 'id: 7\n\ndata: 1\n\nevent: error\ndata: {"message":"the source broke"}\n\n');
  });
});
