import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BuildRequested, DebProduced } from './events/build.js';
import { newId } from './ids.js';
import { registry } from './registry.js';
import {
  aggregateSubject,
  buildOutputSubject,
  eventPattern,
  eventSubject,
  parseSubject,
  typeSubject,
} from './subjects.js';

const id = '0192f0c1-7a3e-7c4d-9b1a-2f6d5e8c9a01';

describe('the subjects', () => {
  it('say aggregate, id, type and version', () => {
    assert.equal(eventSubject('build', id, BuildRequested), `tumbi.log.build.${id}.BuildRequested.v1`);
    assert.equal(aggregateSubject('build', id), `tumbi.log.build.${id}.>`);
    assert.equal(typeSubject(DebProduced), 'tumbi.log.*.*.DebProduced.v1');
    assert.equal(typeSubject({ name: 'DebProduced', version: '*' }), 'tumbi.log.*.*.DebProduced.*');
    assert.equal(eventPattern(DebProduced), 'tumbi.log.build.*.DebProduced.v1');
    assert.equal(buildOutputSubject(id), `tumbi.output.build.${id}`);
  });

  it('are taken apart again', () => {
    for (const { aggregate, name, version } of registry.definitions) {
      const of = newId();
      assert.deepEqual(parseSubject(eventSubject(aggregate, of, { name, version })), {
        aggregate,
        id: of,
        name,
        version,
      });
    }
  });

  for (const other of [
    '',
    'tumbi.log',
    `tumbi.log.build.${id}`,
    `tumbi.log.planet.${id}.BuildRequested.v1`,
    `tumbi.log.build.${id}.BuildRequested.v0`,
    `tumbi.log.build.${id}.BuildRequested.1`,
    `tumbi.log.build.${id}.BuildRequested.v1.more`,
    `tumbi.log.build.${id.toUpperCase()}.BuildRequested.v1`,
    `tumbi.log.build.${'-'.repeat(36)}.BuildRequested.v1`,
    `other.log.build.${id}.BuildRequested.v1`,
  ])
    it(`of others are not ours: ${other || 'nothing'}`, () => assert.equal(parseSubject(other), undefined));

  it('take no id that is not a UUID', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.constantFrom('*', '>', 'a.b', `${id}.>`, `${id}\n`, ` ${id}`, '../etc', 'libsigc++-2.0'),
    );
    fc.assert(
      fc.property(hostile, text => {
        for (const make of [aggregateSubject.bind(undefined, 'build'), buildOutputSubject])
          assert.throws(() => make(text), /id is a UUID, not/);
      }),
    );
  });
});
