import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readServerEvents } from './server-events.js';

describe('readServerEvents', () => {
  it('puts events together from chunks that are cut anywhere, within a character too', async () => {
    const text = ': welcome\n\nid: 1-2\nevent: log\ndata: {"lines":["größer"]}\n\ndata: 7\n\n';
    const bytes = Buffer.from(text);
    for (let cut = 1; cut < bytes.length; cut++) {
      const events = await all(readServerEvents(stream(bytes.subarray(0, cut), bytes.subarray(cut))));
      assert.deepEqual(events, [
        { id: '1-2', event: 'log', data: { lines: ['größer'] } },
        { id: undefined, event: 'message', data: 7 },
      ]);
    }
  });

  it('drops an event that the end of the connection cut off', async () => {
    const bytes = Buffer.from('data: 1\n\ndata: 2\n');
    assert.deepEqual(await all(readServerEvents(stream(bytes))), [
      { id: undefined, event: 'message', data: 1 },
    ]);
  });

  it('gives a silent connection up', async () => {
    const silent = new ReadableStream<Uint8Array>({});
    await assert.rejects(all(readServerEvents(silent, 1)), /fell silent/);
  });

  it('lets the connection go when the reader has enough', async () => {
    const cancelled = Promise.withResolvers<void>();
    const endless = new ReadableStream<Uint8Array>({
      start: controller => controller.enqueue(Buffer.from('data: 1\n\n')),
      cancel: () => cancelled.resolve(),
    });
    for await (const { data } of readServerEvents(endless)) {
      assert.equal(data, 1);
      break;
    }
    await cancelled.promise;
  });
});

function stream(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}
