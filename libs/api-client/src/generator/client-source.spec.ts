import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { clientSource, type OpenApiDocument } from './client-source.js';

const ROOT = join(import.meta.dirname, '../../../..');

describe('clientSource', () => {
  const operation = (given: object) =>
    ({ operationId: 'doIt', summary: 'Does it', responses: {}, ...given }) as never;
  const sourceOf = (path: string, method: string, given: object) =>
    clientSource({ paths: { [path]: { [method]: operation(given) } }, components: { schemas: {} } });

  it('puts parameters of the path in, encoded', () => {
    const source = sourceOf('/a/{id}/b/{name}', 'get', {
      parameters: ['id', 'name'].map(name => ({ name, in: 'path', schema: { type: 'string' } })),
    });
    assert.match(source, /doIt\(id: string, name: string, options: CallOptions = \{\}\): Promise<Response>/);
    assert.match(source, /path: `\/a\/\$\{encodeURIComponent\(id\)\}\/b\/\$\{encodeURIComponent\(name\)\}`/);
  });

  it('gives JSON, its type and its body', () => {
    const content = { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } };
    const source = sourceOf('/a', 'post', { requestBody: { content }, responses: { 201: { content } } });
    assert.match(source, /doIt\(body: Thing, options: CallOptions = \{\}\): Promise<Thing> \{/);
    assert.match(source, /this\.transport\.json\(\{ method: 'POST', path: `\/a`, body \}, options\)/);
  });

  it('gives server-sent events by their names', () => {
    const content = {
      'text/event-stream': { schema: {}, 'x-events': { log: { $ref: '#/components/schemas/Lines' } } },
    };
    const source = sourceOf('/a', 'get', { responses: { 200: { content } } });
    assert.match(
      source,
      /AsyncGenerator<ServerEvent<'log', Lines>, void> \{\n {4}return this\.transport\.events/,
    );
  });

  it('leaves out what apt reads', () => {
    assert.doesNotMatch(sourceOf('/apt/x', 'get', { tags: ['apt'] }), /doIt/);
  });

  it('has made the committed client from the committed document', async () => {
    const document = JSON.parse(
      await readFile(join(ROOT, 'services/gateway/generated/openapi.json'), 'utf8'),
    ) as OpenApiDocument;
    const committed = await readFile(join(ROOT, 'libs/api-client/src/api.generated.ts'), 'utf8');
    assert.equal(committed, clientSource(document));
  });
});
