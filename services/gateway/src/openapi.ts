import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { GatewayModule } from './gateway.module.js';
import { jsonSchema } from './http/json-schema.js';
import { logEnd, loggedEvent, logLines, logNote } from './http/views.js';

/** Schemas that only the data of server-sent events have. */
const STREAMED = [logLines, logNote, logEnd, loggedEvent];

/** The API's description, OpenAPI 3.1, from the schemas that check it. */
export function openApi(application: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Tumbi')
    .setDescription(
      'Builds Debian source packages and publishes them as APT repositories. Whatever writes needs a token.',
    )
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addSecurity('token', { type: 'http', scheme: 'bearer' })
    .addTag('builds', 'Source packages on their way to binary ones')
    .addTag('blobs', 'Files of source packages that are not in an archive')
    .addTag('events', 'The history: every decision and result')
    .addTag('tags', 'What is published together')
    .addTag('apt', 'The repositories, for apt')
    .addTag('system', 'How the installation does')
    .build();
  const document = SwaggerModule.createDocument(application, config, {
    standardSchemaConverter: (schema, { schemaType }) =>
      schema instanceof z.ZodType ? jsonSchema(schema, schemaType) : undefined,
  });
  nameWildcards(document);
  document.paths['/api/openapi.json'] = {
    get: {
      operationId: 'getOpenApi',
      summary: 'This document',
      tags: ['system'],
      responses: {
        200: {
          description: 'This document',
          content: { 'application/json': { schema: { type: 'object' } } },
        },
      },
    },
  };
  const schemas: Record<string, object> = { ...document.components?.schemas };
  for (const schema of STREAMED) Object.assign(schemas, jsonSchema(schema, 'output').components);
  const sorted = Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(sorted) } };
}

/** A wildcard's parameter is `*` to Fastify; its place in the path is called `{path}`. */
function nameWildcards(document: OpenAPIObject): void {
  for (const item of Object.values(document.paths))
    for (const parameter of item.get?.parameters ?? [])
      if ('name' in parameter && parameter.name === '*') parameter.name = 'path';
}

/** The gateway's routes with nothing behind them: it can be described, and needs no server. */
export function createPreview(): Promise<NestFastifyApplication> {
  const nowhere = { nats: { url: '' }, postgres: '', store: 'none', tokensFile: '', host: '', port: 0 };
  return NestFactory.create<NestFastifyApplication>(
    GatewayModule.with({ ...nowhere, timeLimit: 0, architecture: 'amd64', maxUpload: 0 }),
    new FastifyAdapter(),
    { preview: true, logger: false, abortOnError: false },
  );
}
