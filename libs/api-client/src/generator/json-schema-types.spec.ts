import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declarationOf, typeOf } from './json-schema-types.js';

describe('typeOf', () => {
  it('knows scalars, lists and references', () => {
    assert.equal(typeOf({ type: 'string' }), 'string');
    assert.equal(typeOf({ type: 'integer' }), 'number');
    assert.equal(typeOf({ $ref: '#/components/schemas/Build' }), 'Build');
    assert.equal(typeOf({ type: 'array', items: { type: 'string' } }), 'readonly string[]');
    assert.equal(typeOf({ description: 'whatever' }), 'unknown');
  });

  it('makes unions of choices, types and values', () => {
    assert.equal(typeOf({ type: ['string', 'null'] }), 'string | null');
    assert.equal(typeOf({ anyOf: [{ $ref: '#/x/Tag' }, { type: 'null' }] }), 'Tag | null');
    assert.equal(typeOf({ type: 'string', enum: ['a', "b's"] }), "'a' | 'b\\'s'");
    assert.equal(
      typeOf({ type: 'array', items: { type: ['string', 'null'] } }),
      'readonly (string | null)[]',
    );
  });

  it('tells required properties from optional ones', () => {
    const schema = {
      type: 'object',
      properties: { id: { type: 'string', description: 'ends */ nothing' }, 'x-y': { type: 'number' } },
      required: ['id'],
    };
    assert.equal(
      typeOf(schema),
      "{\n/** ends *\\/ nothing */\nreadonly id: string;\nreadonly 'x-y'?: number;\n}",
    );
  });

  it('knows maps', () => {
    assert.equal(
      typeOf({ type: 'object', additionalProperties: { type: 'string' } }),
      'Readonly<Record<string, string>>',
    );
  });

  it('refuses what it does not know', () => {
    assert.throws(() => typeOf({ type: 'tuple' }), /No TypeScript type is known for/);
    assert.throws(() => typeOf({ not: {} } as object), /No TypeScript type is known for/);
  });
});

describe('declarationOf', () => {
  it('is an interface for an object and a type for all else', () => {
    const object = { type: 'object', properties: { a: { type: 'boolean' } }, description: 'A thing' };
    assert.equal(
      declarationOf('Thing', object),
      '/** A thing */\nexport interface Thing {\nreadonly a?: boolean;\n}',
    );
    assert.equal(declarationOf('Word', { type: 'string' }), 'export type Word = string;');
  });
});
