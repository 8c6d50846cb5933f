import 'reflect-metadata';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Validator } from '@seriousme/openapi-schema-validator';
import { createPreview, openApi } from './openapi.js';

describe('the OpenAPI document', () => {
  const routes: string[] = [];
  let application: NestFastifyApplication;
  let document: OpenAPIObject;

  before(async () => {
    application = await createPreview();
    application
      .getHttpAdapter()
      .getInstance()
      .addHook('onRoute', ({ method, url }) => {
        for (const one of [method].flat()) routes.push(`${one} ${url}`);
      });
    await application.init();
    document = openApi(application);
  });

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    assert.deepEqual(await validator.validate(JSON.parse(JSON.stringify(document))), { valid: true });
    assert.equal(validator.version, '3.1');
  });

  it('refers only to schemas that it has', () => {
    const named = Object.keys(document.components?.schemas ?? {});
    const referred = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(match => match[1]);
    assert.deepEqual(
      [...new Set(referred)].sort(),
      named.filter(name => referred.includes(refTo(name))).map(refTo),
    );
  });

  it('describes every route and no other', () => {
    // Fastify answers HEAD wherever it answers GET.
    const wanted = routes
      .filter(route => !route.startsWith('HEAD ') || !routes.includes(route.replace('HEAD', 'GET')))
      .map(route => route.replace(/:(\w+)/g, '{$1}').replace('*', '{path}'));
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map(method => `${method.toUpperCase()} ${path}`),
    );
    // The module knows nothing of the route that serves the document.
    assert.deepEqual(described.sort(), [...wanted, 'GET /api/openapi.json'].sort());
  });

  it('names each operation once, and each parameter of its path', () => {
    const names = new Set<string>();
    for (const [path, item] of Object.entries(document.paths))
      for (const operation of [item.get, item.head, item.post, item.put]) {
        if (!operation) continue;
        const name = operation.operationId ?? '';
        assert.ok(name && !names.has(name), `${path}: ${name}`);
        names.add(name);
        const inPath = (operation.parameters ?? []).flatMap(one =>
          'in' in one && one.in === 'path' ? [one.name] : [],
        );
        assert.deepEqual(
          inPath,
          [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1]),
          path,
        );
      }
  });

  it('is committed as it is', async () => {
    const committed = await readFile(join(import.meta.dirname, '../generated/openapi.json'), 'utf8');
    assert.deepEqual(JSON.parse(committed), JSON.parse(JSON.stringify(document)));
  });
});

function refTo(name: string): string {
  return `#/components/schemas/${name}`;
}
