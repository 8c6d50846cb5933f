import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newId } from '@tumbi/contracts';
import type { NatsServer } from '@tumbi/local-servers';
import {
  LIVE_LINE_LENGTH,
  LIVE_OUTPUT_BYTES,
  type Output,
  type OutputLines,
  OutputWriter,
  readOutput,
} from './build-output.js';
import { TestLog, testNats } from './testing/servers.js';

describe('the live output of a build', () => {
  let server: NatsServer;
  let test: TestLog;
  before(async () => {
    server = await testNats();
    test = await TestLog.at(server.url);
  });
  after(async () => {
    await test[Symbol.asyncDispose]();
    await server.stop();
  });

  /** The messages of a build until a note says that it is the end. */
  async function readToEnd(build: string): Promise<Output[]> {
    const outputs: Output[] = [];
    for await (const output of readOutput(await test.connect(), build, AbortSignal.timeout(60_000))) {
      if ('note' in output && output.note === 'the end') return outputs;
      outputs.push(output);
    }
    return assert.fail('the end did not come');
  }

  const linesOf = (outputs: readonly Output[]) =>
    outputs.filter((output): output is OutputLines => 'lines' in output);

  it('comes line by line, in order, with its numbers', async () => {
    const build = newId();
    const writer = new OutputWriter(await test.connect(), build, 2);
    const lines = Array.from({ length: 5_000 }, (_, i) => `line ${i + 1} ${'ä\t'.repeat(i % 40)}`);
    for (let i = 0; i < lines.length; i += 7) writer.write(`${lines.slice(i, i + 7).join('\n')}\n`);
    writer.note('the end');
    await writer.close();
    const outputs = linesOf(await readToEnd(build));
    assert.deepEqual(
      outputs.flatMap(output => output.lines),
      lines,
    );
    let next = 1;
    for (const { attempt, first, lines } of outputs) {
      assert.equal(attempt, 2);
      assert.equal(first, next);
      next += lines.length;
    }
    assert.ok(outputs.length < lines.length / 50, 'lines are sent together');
  });

  it('comes without waiting for more', async () => {
    const build = newId();
    const writer = new OutputWriter(await test.connect(), build, 1);
    const output = readOutput(await test.connect(), build, AbortSignal.timeout(60_000));
    writer.write('a line\n');
    assert.deepEqual((await output.next()).value, { attempt: 1, first: 1, lines: ['a line'] });
    writer.write('another line\n\n');
    assert.deepEqual((await output.next()).value, { attempt: 1, first: 2, lines: ['another line', ''] });
    await writer.close();
    await output.return(undefined);
  });

  it('has its notes where they were made, without a number', async () => {
    const build = newId();
    const writer = new OutputWriter(await test.connect(), build, 1);
    writer.note('The root is being made.');
    writer.write('one\n');
    writer.note('The build has begun.');
    writer.write('two\n');
    writer.note('the end');
    await writer.close();
    assert.deepEqual(await readToEnd(build), [
      { attempt: 1, note: 'The root is being made.' },
      { attempt: 1, first: 1, lines: ['one'] },
      { attempt: 1, note: 'The build has begun.' },
      { attempt: 1, first: 2, lines: ['two'] },
    ]);
  });

  it('is that of one build only', async () => {
    const [one, two] = [newId(), newId()];
    for (const build of [one, two]) {
      const writer = new OutputWriter(await test.connect(), build, 1);
      writer.write(`${build}\n`);
      writer.note('the end');
      await writer.close();
    }
    assert.deepEqual(
      linesOf(await readToEnd(two)).flatMap(({ lines }) => lines),
      [two],
    );
  });

  it('ends with a note when it has become too much', async () => {
    const build = newId();
    const writer = new OutputWriter(await test.connect(), build, 1);
    const kilobyte = 'x'.repeat(1_023);
    for (let i = 0; i < 20 * 1024; i++) writer.write(`${kilobyte}\n`);
    writer.note('the end');
    await writer.close();
    const outputs = await readToEnd(build);
    const bytes = linesOf(outputs).flatMap(({ lines }) => lines).length * 1024;
    assert.ok(bytes >= LIVE_OUTPUT_BYTES && bytes < LIVE_OUTPUT_BYTES + 64 * 1024, `${bytes}`);
    assert.deepEqual(outputs.at(-1), {
      attempt: 1,
      note: 'The live output ends here; the stored log will have all of it.',
    });
  });

  it('cuts a line that is longer than a message may be, and goes on', async () => {
    const build = newId();
    const writer = new OutputWriter(await test.connect(), build, 1);
    writer.write(`${'\u0001'.repeat(3_000_000)}\nnext\n`);
    writer.note('the end');
    await writer.close();
    assert.deepEqual(
      linesOf(await readToEnd(build)).flatMap(({ first, lines }) =>
        lines.map((line, i) => [first + i, line.length]),
      ),
      [
        [1, LIVE_LINE_LENGTH + 1],
        [2, 4],
      ],
    );
  });

  it('neither fails nor holds up a build while the server is away', { timeout: 60_000 }, async () => {
    const away = await testNats();
    const there = await TestLog.at(away.url);
    try {
      const writer = new OutputWriter(await there.connect(), newId(), 1);
      await away.kill();
      for (let i = 0; i < 1_000; i++) writer.write(`${'x'.repeat(LIVE_LINE_LENGTH)}\n`);
      await writer.close(); // waiting for each message in turn would take minutes
    } finally {
      await there[Symbol.asyncDispose]();
      await away.stop();
    }
  });
});
