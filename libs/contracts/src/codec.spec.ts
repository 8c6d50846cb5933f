import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeEvent, encodeEvent, MalformedEvent } from './codec.js';
import { MAX_EVENT_BYTES } from './envelope.js';
import { type EventDefinition, newEvent } from './event-definition.js';
import { BuildCancelled, BuildRequested, BuildScheduled, DebProduced } from './events/build.js';
import { eventSubject } from './subjects.js';
import { aContext } from './testing/context.js';

const time = '2026-11-21T07:00:00.000Z';
const context = aContext({ aggregate: 'build' });
const place = eventSubject('build', context.aggregateId, BuildScheduled);
const scheduled = newEvent(BuildScheduled, { maxAttempts: 3, reason: 'requested' });

function decode(bytes: Uint8Array, subject = place) {
  return decodeEvent({ subject, bytes, sequence: 7, recordedAt: time });
}

/** The stored form of a good event, with some of its attributes changed. */
function stored(changes: Record<string, unknown>): Uint8Array {
  const { bytes } = encodeEvent(scheduled, context);
  return Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(bytes).toString()), ...changes }));
}

const text = (pattern: RegExp) => fc.stringMatching(pattern).filter(string => string.length <= 64);
const name = text(/^[a-z0-9][a-z0-9+.-]+$/);
const version = text(/^[0-9][A-Za-z0-9.+~-]*$/);
const digest = fc.stringMatching(/^[0-9a-f]{64}$/);

/** Anything but the one name that an object can't safely have. */
const fieldName = fc.string({ unit: 'binary' }).filter(field => field !== '__proto__');
const plain = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { noNullPrototype: true });

/** Data of events, as wide as their schemas allow. */
const data: readonly [EventDefinition, fc.Arbitrary<unknown>][] = [
  [
    BuildRequested,
    plain({
      source: fc.record(
        { kind: fc.constant('archive'), name, version, suite: fc.constant('trixie') },
        { requiredKeys: ['kind', 'name', 'suite'], noNullPrototype: true },
      ),
      suite: fc.constant('trixie'),
      architecture: fc.constantFrom('amd64', 'all', 'kfreebsd-amd64'),
      tag: text(/^[a-z0-9][a-z0-9.-]*$/),
      timeLimit: fc.integer({ min: 1 }),
    }),
  ],
  [
    DebProduced,
    plain({
      attempt: fc.integer({ min: 1 }),
      package: name,
      version,
      architecture: fc.constant('amd64'),
      filename: text(/^[A-Za-z0-9][A-Za-z0-9.+~:_%-]*$/),
      sha256: digest,
      size: fc.maxSafeNat(),
      control: fc.dictionary(fieldName, fc.string({ unit: 'binary' }), { noNullPrototype: true }),
    }),
  ],
  [BuildCancelled, plain({ reason: fc.string({ unit: 'binary' }) })],
];

describe('an event', () => {
  it('comes out of its bytes as it went in', () => {
    for (const [definition, arbitrary] of data)
      fc.assert(
        fc.property(arbitrary, value => {
          const event = { name: definition.name, version: definition.version, data: value };
          const { subject, bytes } = encodeEvent(event, context);
          assert.deepEqual(decode(bytes, subject), {
            name: definition.name,
            data: value,
            id: context.id,
            aggregate: 'build',
            aggregateId: context.aggregateId,
            time,
            actor: 'token:test',
            correlationId: context.correlationId,
            causationId: undefined,
            sequence: 7,
            recordedAt: time,
          });
        }),
      );
  });

  it('loses a control field called __proto__, which would change the object instead of standing in it', () => {
    const [, arbitrary] = data[1] ?? assert.fail();
    const [sample] = fc.sample(arbitrary, 1) as object[];
    const control = JSON.parse('{"__proto__": "polluted", "Package": "hello"}');
    const event = { name: 'DebProduced', version: 1, data: { ...sample, control } };
    const { subject, bytes } = encodeEvent(event, context);
    assert.doesNotMatch(Buffer.from(bytes).toString(), /polluted/);
    assert.deepEqual((decode(bytes, subject).data as { control: object }).control, { Package: 'hello' });
  });

  it('has a CloudEvents envelope in which everything stands', () => {
    const { subject, bytes } = encodeEvent(scheduled, { ...context, causationId: context.correlationId });
    assert.equal(subject, place);
    assert.deepEqual(JSON.parse(Buffer.from(bytes).toString()), {
      specversion: '1.0',
      id: context.id,
      source: '/tumbi/gateway',
      type: 'tumbi.BuildScheduled.v1',
      subject: `build/${context.aggregateId}`,
      time,
      datacontenttype: 'application/json',
      dataschema: 'urn:tumbi:schema:BuildScheduled:v1',
      correlationid: context.correlationId,
      causationid: context.correlationId,
      actor: 'token:test',
      data: { maxAttempts: 3, reason: 'requested' },
    });
  });

  it('never has a package name or version in its subject, whatever they say', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), name, fc.constantFrom('a.*', '>', 'a b')), hostile => {
        const event = {
          ...newEvent(BuildRequested, {
            source: { kind: 'archive', name: 'hello', suite: 'trixie' },
            suite: 'trixie',
            architecture: 'amd64',
            tag: 'ci',
            timeLimit: 60,
          }),
        };
        const data = { ...event.data, source: { kind: 'archive', name: hostile, suite: 'trixie' } };
        let subject: string;
        try {
          ({ subject } = encodeEvent({ ...event, data }, context));
        } catch {
          return; // refused by the schema
        }
        assert.equal(subject, `tumbi.log.build.${context.aggregateId}.BuildRequested.v1`);
      }),
    );
  });

  it('is refused when it belongs to another aggregate', () => {
    assert.throws(
      () => encodeEvent(scheduled, aContext({ aggregate: 'tag' })),
      new TypeError('tumbi.BuildScheduled.v1 belongs to a build, not to a tag.'),
    );
  });

  it('is refused when nobody has defined it', () => {
    assert.throws(
      () => encodeEvent({ name: 'BuildDreamt', version: 1, data: {} }, context),
      new TypeError('tumbi.BuildDreamt.v1 is not in the registry.'),
    );
  });

  it('is refused when its data is not what its schema says', () => {
    assert.throws(() => newEvent(BuildScheduled, { maxAttempts: 0, reason: 'requested' }), /maxAttempts/);
    assert.throws(() => encodeEvent({ ...scheduled, data: { reason: 'requested' } }, context), /maxAttempts/);
  });

  it('is refused when it is too large, with what to do about it', () => {
    const control = { Description: 'x'.repeat(MAX_EVENT_BYTES) };
    const [, arbitrary] = data[1] ?? assert.fail();
    const [sample] = fc.sample(arbitrary, 1) as object[];
    assert.throws(
      () => encodeEvent({ name: 'DebProduced', version: 1, data: { ...sample, control } }, context),
      /an event has at most 61440: store what is large as a blob and name its sha256\./,
    );
  });
});

describe('bytes of the log', () => {
  it('that are no event make a MalformedEvent, and never anything else', () => {
    const anything = fc.oneof(
      fc.uint8Array(),
      fc.json().map(json => new TextEncoder().encode(json)),
      fc.jsonValue().map(data => stored({ data })),
      fc
        .tuple(fc.constantFrom(...Object.keys(JSON.parse(stored({}).toString()))), fc.jsonValue())
        .map(([attribute, value]) => stored({ [attribute]: value })),
    );
    const subject = fc.oneof(fc.string(), fc.constant(place));
    fc.assert(
      fc.property(anything, subject, (bytes, subject) => {
        try {
          decode(bytes, subject);
        } catch (error) {
          assert.ok(error instanceof MalformedEvent, String(error));
          assert.match(error.message, /^The message at 7 .*\.$/s);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  const wrong: readonly [string, Uint8Array, RegExp][] = [
    ['are no JSON', Buffer.from('{"specversion'), /is not JSON in UTF-8/],
    ['are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), /is not JSON in UTF-8/],
    ['are no CloudEvent', Buffer.from('{}'), /is not a CloudEvent of Tumbi: specversion/],
    ['are of an unknown version', stored({ type: 'tumbi.BuildScheduled.v9' }), /this version does not know/],
    ['say another type', stored({ type: 'tumbi.BuildCancelled.v1' }), /not where it stands/],
    ['say another aggregate', stored({ subject: 'build/other' }), /not where it stands/],
    ['have other data', stored({ data: { maxAttempts: '3' } }), /does not allow: maxAttempts/],
  ];
  for (const [what, bytes, message] of wrong)
    it(`that ${what} are refused with a sentence that says so`, () =>
      assert.throws(
        () => decode(bytes),
        (error: Error) => error instanceof MalformedEvent && message.test(error.message),
      ));

  it('that stand under an aggregate their type does not belong to are refused', () => {
    const subject = eventSubject('tag', context.aggregateId, BuildScheduled);
    assert.throws(
      () => decode(stored({ subject: `tag/${context.aggregateId}` }), subject),
      /stands under tag; tumbi\.BuildScheduled\.v1 belongs to a build/,
    );
  });

  it('with a field that a later version added as optional are read', () => {
    const event = decode(stored({ data: { maxAttempts: 3, reason: 'requested', colour: 'blue' } }));
    assert.deepEqual(event.data, { maxAttempts: 3, reason: 'requested' });
  });
});
