import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { z } from 'zod';
import { documents } from './documents.js';
import { defineEvent } from './event-definition.js';
import { EventRegistry, registry } from './registry.js';
import { incompatibilities } from './testing/compatibility.js';
import { readFrozenSchemas, readGoldens } from './testing/goldens.js';

const GENERATED = join(import.meta.dirname, '../generated');
const files = documents();
const frozen = await readFrozenSchemas();
const goldens = await readGoldens();

function schemaOf(event: { name: string; version: number }, from = files) {
  return JSON.parse(from.get(`schemas/${event.name}.v${event.version}.schema.json`) ?? assert.fail());
}

describe('the generated documents', () => {
  const generate = (...args: string[]) =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, 'generate.js'), ...args]).then(
      () => '',
      error => `${error.code}: ${error.stderr}`,
    );

  it('are what the events say', async () => assert.equal(await generate('--check'), ''));

  it('are told by name when they differ, and made right again', async () => {
    const out = await mkdtemp(join(tmpdir(), 'tumbi-generated-'));
    try {
      await cp(GENERATED, out, { recursive: true });
      const changed = join(out, 'schemas/DebProduced.v1.schema.json');
      await writeFile(changed, (await readFile(changed, 'utf8')).replace('"title"', '"titel"'));
      await writeFile(join(out, 'schemas/BuildDreamt.v1.schema.json'), '{}');
      await rm(join(out, 'asyncapi.json'));
      const complaint = await generate('--check', '--out', out);
      assert.match(complaint, /^1: /);
      for (const name of ['asyncapi.json', 'schemas/DebProduced.v1', 'schemas/BuildDreamt.v1'])
        assert.match(complaint, new RegExp(`generated/${name}.* run "npm run generate" and commit it`));
      assert.equal(await generate('--out', out), '');
      assert.equal(await generate('--check', '--out', out), '');
    } finally {
      await rm(out, { recursive: true });
    }
  });
});

describe('the JSON Schemas', () => {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  formats.default(ajv);

  for (const definition of registry.definitions) {
    const valid = ajv.compile(schemaOf(definition));
    const own = goldens.filter(
      golden => golden.name === definition.name && golden.version === definition.version,
    );

    it(`of ${definition.name}.v${definition.version} take its goldens`, () => {
      assert.ok(own.length);
      for (const golden of own)
        assert.ok(valid(JSON.parse(Buffer.from(golden.bytes).toString())), ajv.errorsText(valid.errors));
    });

    it(`of ${definition.name}.v${definition.version} refuse what lacks a field, and other events`, () => {
      for (const golden of own) {
        const event = JSON.parse(Buffer.from(golden.bytes).toString());
        for (const field of schemaOf(definition).properties.data.required) {
          const { [field]: _, ...data } = event.data;
          assert.equal(valid({ ...event, data }), false, field);
        }
      }
      for (const golden of goldens.filter(golden => golden.name !== definition.name))
        assert.equal(valid(JSON.parse(Buffer.from(golden.bytes).toString())), false, golden.path);
    });
  }
});

describe('the AsyncAPI document', () => {
  const document = JSON.parse(files.get('asyncapi.json') ?? assert.fail());
  const specification = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json');
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  const valid = ajv.compile(specification);

  it('is AsyncAPI 3.0', () => assert.ok(valid(document), ajv.errorsText(valid.errors)));

  it('would not be with a channel that has no messages object, or an action of another kind', () => {
    const [key = ''] = Object.keys(document.channels);
    const channels = { ...document.channels, [key]: { ...document.channels[key], messages: [] } };
    assert.equal(valid({ ...document, channels }), false);
    const operations = { [key]: { action: 'shout', channel: { $ref: `#/channels/${key}` } } };
    assert.equal(valid({ ...document, operations }), false);
  });

  it('refers to nothing that is not there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, path]) => path,
    );
    assert.ok(references.length > registry.definitions.length);
    for (const reference of references) {
      const found = reference?.split('/').reduce((part, key) => part?.[key], document);
      assert.ok(found, reference);
    }
  });

  it('has a channel, an operation and a message for each event', () => {
    assert.equal(document.channels.DebProduced_v1.address, 'tumbi.log.build.{buildId}.DebProduced.v1');
    for (const part of [document.channels, document.operations, document.components.messages])
      assert.equal(Object.keys(part).length, registry.definitions.length);
  });
});

describe('a released version of an event', () => {
  it('has its schema frozen', () => {
    assert.deepEqual(
      [...frozen.keys()].sort(),
      registry.definitions.map(({ name, version }) => `${name}/v${version}.schema.json`).sort(),
      'freeze each (goldens/README.md)',
    );
  });

  for (const [path, bytes] of frozen)
    it(`${path} has changed by nothing but words and optional fields`, () => {
      const [name = '', file = ''] = path.split('/');
      const now = schemaOf({ name, version: Number(file.slice(1, file.indexOf('.'))) });
      assert.deepEqual(incompatibilities(JSON.parse(Buffer.from(bytes).toString()), now), []);
    });

  describe('is told to be incompatible', () => {
    const item = z.object({ name: z.string(), size: z.int() });
    const before = z.object({ kind: z.enum(['a', 'b']), items: z.array(item), note: z.string().optional() });
    const changes: readonly [string, z.ZodType, boolean][] = [
      ['nothing changed', before, false],
      ['words changed', before.describe('in other words'), false],
      ['an optional field came', before.extend({ more: z.string().optional() }), false],
      [
        'an optional field came inside',
        before.extend({ items: z.array(item.extend({ x: z.int().optional() })) }),
        false,
      ],
      ['a required field came', before.extend({ more: z.string() }), true],
      ['a field went', before.omit({ note: true }), true],
      ['a field became required', before.required({ note: true }), true],
      ['a field became optional', before.partial({ kind: true }), true],
      ['a type changed', before.extend({ note: z.int().optional() }), true],
      ['a limit came', before.extend({ note: z.string().max(3).optional() }), true],
      ['a value went', before.extend({ kind: z.enum(['a']) }), true],
      ['a value came', before.extend({ kind: z.enum(['a', 'b', 'c']) }), true],
      ['a type changed inside', before.extend({ items: z.array(item.extend({ size: z.string() })) }), true],
    ];
    for (const [what, after, incompatible] of changes)
      it(`${incompatible ? 'when' : 'not when'} ${what}`, () => {
        const [then, now] = [before, after].map(data =>
          schemaOf(
            { name: 'Tested', version: 1 },
            documents(
              new EventRegistry([
                defineEvent({
                  name: 'Tested',
                  version: 1,
                  aggregate: 'build',
                  producers: ['gateway'],
                  summary: 'A test.',
                  data,
                }),
              ]),
            ),
          ),
        );
        assert.equal(incompatibilities(then, now).length > 0, incompatible);
      });
  });
});
