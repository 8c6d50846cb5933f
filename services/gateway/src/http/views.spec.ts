import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { z } from 'zod';
import { buildId, buildQuery, buildRequest, cancelRequest, eventQuery } from './views.js';

describe('what the API takes', () => {
  const complaint = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues[0]?.message;

  it('says what a body must be', () => {
    for (const schema of [buildRequest, cancelRequest])
      for (const body of [undefined, null, [], 'hello'])
        assert.equal(complaint(schema, body), 'send a JSON object as application/json');
  });

  it('says what a source may be', () => {
    for (const source of [undefined, 'hello', {}, { kind: 'git' }])
      assert.match(
        complaint(buildRequest, { source, suite: 'trixie' }) ?? '',
        /^say what to build as \{"kind"/,
      );
  });

  it('lets no name leave its place', () => {
    const archive = { kind: 'archive', name: 'hello' };
    const upload = {
      kind: 'upload',
      dsc: 'a.dsc',
      files: [{ name: 'a.dsc', sha256: '0'.repeat(64), size: 1 }],
    };
    const taken = (given: object) =>
      buildRequest.safeParse({ source: archive, suite: 'trixie', ...given }).success;
    assert.ok(taken({}) && taken({ source: upload }));
    for (const name of ['../hello', 'a/b', 'UPPER', 'a b', 'a\n'])
      assert.ok(
        !taken({ source: { ...archive, name } }) && !taken({ suite: name }) && !taken({ tag: name }),
        name,
      );
    for (const name of ['../a.dsc', '/etc/a.dsc', '.a.dsc', ''])
      assert.ok(!taken({ source: { ...upload, dsc: name } }), name);
  });

  it('says what an id and a type of event are', () => {
    assert.match(complaint(buildId, '01a1fd13') ?? '', /is a UUID; GET \/api\/builds lists them/);
    assert.match(complaint(eventQuery, { type: '*' }) ?? '', /such as DebProduced/);
  });

  it('bounds how much may be asked for at once', () => {
    assert.equal(buildQuery.parse({}).limit, 50);
    for (const limit of ['0', '501', 'all', '-1', '1.5'])
      assert.equal(buildQuery.safeParse({ limit }).success, false);
  });
});
