import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { decodeEvent, encodeEvent, MalformedEvent } from './codec.js';
import { defineEvent, newEvent } from './event-definition.js';
import { EventRegistry } from './registry.js';
import { aContext } from './testing/context.js';

const common = {
  name: 'RootMeasured',
  aggregate: 'runner',
  producers: ['mock-runner'],
  summary: 'For these tests: how large a root is.',
} as const;

const V1 = defineEvent({ ...common, version: 1, data: z.object({ megabytes: z.number().nonnegative() }) });
const V2 = defineEvent({
  ...common,
  version: 2,
  data: z.object({ bytes: z.int().nonnegative() }),
  upcast: older => ({ bytes: Math.round((older as z.output<typeof V1.data>).megabytes * 1_000_000) }),
});
const V3 = defineEvent({
  ...common,
  version: 3,
  data: z.object({ size: z.object({ bytes: z.int().nonnegative() }), compressed: z.boolean() }),
  upcast: older => ({ size: older as z.output<typeof V2.data>, compressed: false }),
});

describe('an event that has three versions', () => {
  const registry = new EventRegistry([V3, V1, V2]);
  const context = aContext({ aggregate: 'runner', producer: 'mock-runner' });
  const store = (event: ReturnType<typeof newEvent>, sequence: number) => ({
    ...encodeEvent(event, context, registry),
    sequence,
    recordedAt: '2026-11-21T07:00:00.000Z',
  });

  it('is read as the newest, from a history that mixes all of them', () => {
    const history = [
      store(newEvent(V1, { megabytes: 1.5 }), 1),
      store(newEvent(V2, { bytes: 2_000_000 }), 2),
      store(newEvent(V1, { megabytes: 3 }), 3),
      store(newEvent(V3, { size: { bytes: 4 }, compressed: true }), 4),
    ];
    const events = history.map(stored => decodeEvent(stored, registry));
    assert.deepEqual(
      events.map(({ name, data }) => ({ name, data })),
      [
        { name: 'RootMeasured', data: { size: { bytes: 1_500_000 }, compressed: false } },
        { name: 'RootMeasured', data: { size: { bytes: 2_000_000 }, compressed: false } },
        { name: 'RootMeasured', data: { size: { bytes: 3_000_000 }, compressed: false } },
        { name: 'RootMeasured', data: { size: { bytes: 4 }, compressed: true } },
      ],
    );
    assert.deepEqual(
      history.map(({ subject }) => subject.split('.').at(-1)),
      ['v1', 'v2', 'v1', 'v3'],
    );
  });

  it('takes whatever an older schema allows to what the newest allows', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), megabytes => {
        V3.data.parse(registry.upcast(V1, { megabytes }));
      }),
    );
  });

  it('leaves the stored bytes alone', () => {
    const stored = store(newEvent(V1, { megabytes: 1 }), 1);
    const before = Buffer.from(stored.bytes).toString('hex');
    decodeEvent(stored, registry);
    assert.equal(Buffer.from(stored.bytes).toString('hex'), before);
  });

  it('is malformed when the stored data breaks its own version, though a later one would take it', () => {
    const stored = store(newEvent(V2, { bytes: 1 }), 1);
    const bytes = Buffer.from(Buffer.from(stored.bytes).toString().replace('"bytes":1', '"megabytes":1'));
    assert.throws(() => decodeEvent({ ...stored, bytes }, registry), MalformedEvent);
  });

  it('is malformed when an upcast makes what the next version refuses', () => {
    const broken = new EventRegistry([V1, { ...V2, upcast: () => ({ bytes: -1 }) }]);
    assert.throws(() => decodeEvent(store(newEvent(V1, { megabytes: 1 }), 1), broken), MalformedEvent);
  });
});

describe('a registry', () => {
  it('knows each version, and which is the newest', () => {
    const registry = new EventRegistry([V1, V2]);
    assert.equal(registry.find('tumbi.RootMeasured.v1'), V1);
    assert.equal(registry.newest('RootMeasured'), V2);
    assert.equal(registry.find('tumbi.RootMeasured.v3'), undefined);
    assert.equal(registry.newest('RootDreamt'), undefined);
  });

  it('refuses a version that is defined twice', () => {
    assert.throws(
      () => new EventRegistry([V1, V1]),
      new TypeError('tumbi.RootMeasured.v1 is defined twice.'),
    );
  });

  it('refuses a gap between versions', () => {
    assert.throws(
      () => new EventRegistry([V1, V3]),
      new TypeError('tumbi.RootMeasured.v3 needs tumbi.RootMeasured.v2 and an upcast from it.'),
    );
  });

  it('refuses a version without an upcast from the one before', () => {
    assert.throws(
      () => new EventRegistry([V1, { ...V2, upcast: undefined } as never]),
      /v2 needs tumbi\.RootMeasured\.v1 and an upcast/,
    );
  });
});
