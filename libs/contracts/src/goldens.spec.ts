import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { evolveBuild, newBuild } from './build-lifecycle.js';
import { MalformedEvent } from './codec.js';
import type { BuildEvent } from './events/build.js';
import { registry } from './registry.js';
import {
  decodeGolden,
  decodeHistory,
  readFrozenSchemas,
  readGoldenHistories,
  readGoldens,
  readSums,
  sha256Of,
} from './testing/goldens.js';

const goldens = await readGoldens();
const histories = await readGoldenHistories();
const frozenSchemas = await readFrozenSchemas();
const sums = await readSums();

/** A golden with its JSON changed. */
function mutated(bytes: Uint8Array, change: (event: Record<string, unknown>) => void): Uint8Array {
  const event = JSON.parse(Buffer.from(bytes).toString());
  change(event);
  return Buffer.from(JSON.stringify(event));
}

describe('the golden events', () => {
  it('cover every version of every type', () => {
    const covered = new Set(goldens.map(({ name, version }) => `${name}/v${version}`));
    const missing = registry.definitions
      .map(({ name, version }) => `${name}/v${version}`)
      .filter(folder => !covered.has(folder));
    assert.deepEqual(missing, [], 'add a golden for each (goldens/README.md)');
  });

  it('are the frozen bytes, none more and none less', () => {
    const found = [...goldens, ...histories].map(({ path, bytes }) => [path, bytes] as const);
    assert.deepEqual(
      Object.fromEntries([...found, ...frozenSchemas].map(([path, bytes]) => [path, sha256Of(bytes)])),
      Object.fromEntries(sums),
    );
  });

  for (const { path, name, version, bytes, latest } of goldens) {
    it(`${path} is read`, () => {
      const event = decodeGolden(bytes);
      const stored = JSON.parse(Buffer.from(bytes).toString());
      assert.equal(stored.type, `tumbi.${name}.v${version}`);
      assert.equal(event.name, name);
      assert.deepEqual(event.data, latest ?? stored.data);
    });
  }
});

describe('a golden that was changed', () => {
  for (const { path, name, version, bytes } of goldens) {
    const definition = registry.find(`tumbi.${name}.v${version}`);
    assert.ok(definition);
    const required = z.toJSONSchema(definition.data, { io: 'input' }).required ?? [];

    it(`${path} without one of its fields is refused`, () => {
      assert.ok(required.length);
      for (const field of required)
        assert.throws(
          () => decodeGolden(mutated(bytes, event => delete (event.data as Record<string, unknown>)[field])),
          MalformedEvent,
          field,
        );
    });

    it(`${path} with a field of another type is refused`, () => {
      for (const field of required)
        assert.throws(
          () =>
            decodeGolden(
              mutated(bytes, event => {
                (event.data as Record<string, unknown>)[field] = [null];
              }),
            ),
          MalformedEvent,
          field,
        );
    });

    it(`${path} with one flipped bit is no longer what was frozen`, () => {
      const flipped = Uint8Array.from(bytes);
      const middle = flipped.length >> 1;
      flipped[middle] = (flipped[middle] ?? 0) ^ 1;
      assert.equal(sums.get(path), sha256Of(bytes));
      assert.notEqual(sums.get(path), sha256Of(flipped));
    });
  }

  it('with a digest that is none is refused', () => {
    const deb = goldens.find(golden => golden.name === 'DebProduced');
    assert.ok(deb);
    for (const digest of [
      '',
      'A'.repeat(64),
      '0'.repeat(63),
      `${'0'.repeat(63)}g`,
      `sha256:${'0'.repeat(64)}`,
    ])
      assert.throws(
        () =>
          decodeGolden(
            mutated(deb.bytes, event => {
              (event.data as Record<string, unknown>).sha256 = digest;
            }),
          ),
        /sha256: a sha256 is 64 lower-case hexadecimal digits/,
      );
  });

  for (const attribute of [
    'specversion',
    'id',
    'source',
    'type',
    'subject',
    'time',
    'correlationid',
    'actor',
  ])
    it(`without the attribute ${attribute} is refused`, () => {
      for (const { bytes } of goldens)
        assert.throws(() => decodeGolden(mutated(bytes, event => delete event[attribute])), MalformedEvent);
    });
});

describe('a golden history', () => {
  const fold = (bytes: Uint8Array) => (decodeHistory(bytes) as BuildEvent[]).reduce(evolveBuild, newBuild);

  for (const { path, bytes, state } of histories)
    it(`${path} folds to its frozen state`, () => {
      const build = fold(bytes);
      assert.partialDeepStrictEqual({ ...build, running: build.running ?? null }, state);
    });

  it('folds to something else when an event is missing', () => {
    for (const { bytes, state } of histories) {
      const lines = Buffer.from(bytes).toString().trimEnd().split('\n');
      const build = fold(Buffer.from(lines.slice(0, -1).join('\n')));
      assert.throws(() => assert.partialDeepStrictEqual({ ...build, running: build.running ?? null }, state));
    }
  });
});
