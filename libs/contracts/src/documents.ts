import { z } from 'zod';
import { envelope } from './envelope.js';
import { type EventDefinition, eventType } from './event-definition.js';
import { type EventRegistry, registry as tumbi } from './registry.js';
import { eventPattern } from './subjects.js';

type Json = Record<string, unknown>;

/**
 * What outsiders read instead of our code, by path: a JSON Schema (draft 2020-12) of each version of each event,
 * and an AsyncAPI 3.0 document of the log.
 */
export function documents(registry: EventRegistry = tumbi): ReadonlyMap<string, string> {
  const files = new Map<string, string>([['asyncapi.json', print(asyncApi(registry))]]);
  for (const definition of registry.definitions)
    files.set(
      `schemas/${definition.name}.v${definition.version}.schema.json`,
      print({
        $id: schemaId(definition),
        ...eventSchema(definition, 'draft-2020-12'),
      }),
    );
  return files;
}

function schemaId({ name, version }: EventDefinition): string {
  return `urn:tumbi:schema:${name}:v${version}`;
}

/** The whole CloudEvent with its data, as a reader may meet it: later fields are allowed. */
function eventSchema(definition: EventDefinition, target: 'draft-2020-12' | 'draft-07'): Json {
  const whole = envelope
    .extend({
      type: z.literal(eventType(definition)),
      dataschema: z.literal(schemaId(definition)),
      data: definition.data,
    })
    .meta({ title: definition.name, description: definition.summary });
  return z.toJSONSchema(whole, { io: 'input', target });
}

function asyncApi(registry: EventRegistry): Json {
  const channels: Json = {};
  const operations: Json = {};
  const messages: Json = {};
  const schemas: Json = {};
  const parameters: Json = {};
  for (const definition of registry.definitions) {
    const { aggregate, name, producers, summary, version } = definition;
    const key = `${name}_v${version}`;
    const parameter = `${aggregate}Id`;
    channels[key] = {
      address: eventPattern(definition).replace('*', `{${parameter}}`),
      title: `${name}, version ${version}`,
      summary,
      servers: [{ $ref: '#/servers/local' }],
      parameters: { [parameter]: { $ref: `#/components/parameters/${parameter}` } },
      messages: { [key]: { $ref: `#/components/messages/${key}` } },
    };
    operations[`add_${key}`] = {
      action: 'send',
      channel: { $ref: `#/channels/${key}` },
      summary: `${producers.join(' and ')} may add it.`,
      tags: producers.map(producer => ({ name: producer })),
      messages: [{ $ref: `#/channels/${key}/messages/${key}` }],
    };
    messages[key] = {
      name: eventType(definition),
      title: name,
      summary,
      contentType: 'application/cloudevents+json',
      correlationId: { $ref: '#/components/correlationIds/correlation' },
      payload: { $ref: `#/components/schemas/${key}` },
    };
    const { $schema, ...schema } = eventSchema(definition, 'draft-07');
    schemas[key] = schema;
    parameters[parameter] = { description: `UUID of the ${aggregate} that the event belongs to` };
  }
  return {
    asyncapi: '3.0.0',
    id: 'urn:tumbi:log',
    info: {
      title: 'Tumbi event log',
      version: '1',
      description:
        'Every decision and result of Tumbi, as CloudEvents in one append-only JetStream stream, TUMBI_LOG. ' +
        'Subscribe to tumbi.log.*.*.DebProduced.v1, for example, to follow every .deb.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    servers: {
      local: {
        host: '127.0.0.1:4222',
        protocol: 'nats',
        description:
          'nats-server 2.12 or newer, as `npm start` runs it; it prints the port if this one is taken.',
        security: [{ $ref: '#/components/securitySchemes/user' }],
      },
    },
    channels,
    operations,
    components: {
      messages,
      schemas,
      parameters,
      correlationIds: {
        correlation: {
          description: 'The same for everything that follows from one request.',
          location: '$message.payload#/correlationid',
        },
      },
      securitySchemes: {
        user: {
          type: 'userPassword',
          description: "A NATS user; each service's own may add its own events only.",
        },
      },
    },
  };
}

function print(document: Json): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
