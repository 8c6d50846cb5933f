import { comment, declarationOf, type JsonSchema, key, nameOf, typeOf } from './json-schema-types.js';

/** The part of OpenAPI 3.1 that the generator reads. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, MediaType>> }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

interface MediaType {
  readonly schema: JsonSchema;
  readonly 'x-events'?: Readonly<Record<string, JsonSchema>>;
}

const HEAD = `// Generated from services/gateway/generated/openapi.json: change the gateway, then run "npm run generate".
import type { ByteSource, CallOptions, ServerEvent, Transport } from './transport.js';
`;

/**
 * The source of the client: a type for each named schema and a class with a method for each operation. The
 * repositories are left out, because apt reads them.
 */
export function clientSource(document: OpenApiDocument): string {
  const types = Object.entries(document.components.schemas).map(([name, schema]) =>
    declarationOf(name, schema),
  );
  const methods = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, operation]) => !operation.tags?.includes('apt'))
      .map(([method, operation]) => methodOf(method, path, operation)),
  );
  return indented(`${HEAD}
${types.join('\n\n')}

/** The operations of the API, by their names. */
export class Operations {
constructor(protected readonly transport: Transport) {}

${methods.join('\n\n')}
}
`);
}

function methodOf(method: string, path: string, operation: Operation): string {
  const parameters = operation.parameters ?? [];
  const taken = parameters.filter(one => one.in === 'path').map(one => `${one.name}: ${typeOf(one.schema)}`);
  const call = [`method: '${method.toUpperCase()}'`, `path: ${template(path)}`];
  const content = operation.requestBody?.content ?? {};
  const json = content['application/json'];
  if (json) {
    taken.push(`body: ${typeOf(json.schema)}`);
    call.push('body');
  } else if (operation.requestBody) {
    taken.push('bytes: ByteSource');
    call.push('bytes');
  }
  const queries = parameters.filter(one => one.in === 'query');
  if (queries.length) {
    taken.push(`query: ${queryType(queries)} = {}`);
    call.push('query');
  }
  const { result, how } = resultOf(operation);
  return `${comment(`${operation.summary}.`)}${operation.operationId}(${[...taken, 'options: CallOptions = {}'].join(', ')}): ${result} {
return this.transport.${how}({ ${call.join(', ')} }, options);
}`;
}

function queryType(queries: readonly Parameter[]): string {
  const properties = Object.fromEntries(
    queries.map(one => [
      one.name,
      one.description ? { ...one.schema, description: one.description } : one.schema,
    ]),
  );
  return typeOf({
    type: 'object',
    properties,
    required: queries.filter(one => one.required).map(one => one.name),
  });
}

/** What the method returns and which of the transport's functions gives it. */
function resultOf(operation: Operation): { result: string; how: string } {
  const [, response] = Object.entries(operation.responses).find(([status]) => status.startsWith('2')) ?? [];
  const [[mediaType, media] = []] = Object.entries(response?.content ?? {});
  if (mediaType === 'application/json' && media)
    return { result: `Promise<${typeOf(media.schema)}>`, how: 'json' };
  if (!media?.['x-events']) return { result: 'Promise<Response>', how: 'response' };
  const events = Object.entries(media['x-events']).map(
    ([name, schema]) => `ServerEvent<'${name}', ${nameOf(schema.$ref ?? '')}>`,
  );
  return { result: `AsyncGenerator<${events.join(' | ')}, void>`, how: 'events' };
}

/** `/a/{b}` as the template literal that puts `b` in. */
function template(path: string): string {
  return `\`${path.replace(/\{(\w+)\}/g, (_, name: string) => `\${encodeURIComponent(${key(name)})}`)}\``;
}

/** Indents by the braces at the line ends. */
function indented(source: string): string {
  let depth = 0;
  const lines = source.split('\n').map(line => {
    if (/^[}\]]/.test(line)) depth--;
    const text = line ? '  '.repeat(depth) + line : '';
    if (/[{[]$/.test(line)) depth++;
    return text;
  });
  return lines.join('\n');
}
