/** The part of JSON Schema 2020-12 that the API's schemas use. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema;
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

const SCALARS: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
};

/**
 * A schema as a TypeScript type.
 * @throws Error when the schema says something that this does not know, rather than a type that is too wide
 */
export function typeOf(schema: JsonSchema): string {
  if (schema.$ref) return nameOf(schema.$ref);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return union(choices.map(typeOf));
  if (schema.enum) return union(schema.enum.map(literal));
  if (Array.isArray(schema.type)) return union(schema.type.map(type => typeOf({ ...schema, type })));
  if (schema.type === 'array') return `readonly ${grouped(typeOf(schema.items ?? {}))}[]`;
  if (schema.type === 'object') return objectType(schema);
  if (schema.type === undefined && !Object.keys(schema).some(key => key !== 'description')) return 'unknown';
  const scalar = SCALARS[String(schema.type)];
  if (!scalar) throw new Error(`No TypeScript type is known for ${JSON.stringify(schema)}.`);
  return scalar;
}

/** A named schema as a declaration with its documentation. */
export function declarationOf(name: string, schema: JsonSchema): string {
  const type = typeOf(schema);
  const body = type.startsWith('{') ? `export interface ${name} ${type}` : `export type ${name} = ${type};`;
  return comment(schema.description) + body;
}

/** `X` of `#/components/schemas/X`. */
export function nameOf(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}

/** A documentation comment with its line end; empty without a text. */
export function comment(text: string | undefined): string {
  return text ? `/** ${text.replaceAll('*/', '*\\/')} */\n` : '';
}

/** A name as it stands before a colon. */
export function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name);
}

function objectType(schema: JsonSchema): string {
  if (!schema.properties) return `Readonly<Record<string, ${typeOf(schema.additionalProperties ?? {})}>>`;
  const lines = Object.entries(schema.properties).map(([name, property]) => {
    const mark = schema.required?.includes(name) ? '' : '?';
    return `${comment(property.description)}readonly ${key(name)}${mark}: ${typeOf(property)};`;
  });
  return `{\n${lines.join('\n')}\n}`;
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ');
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value.replace(/[\\']/g, '\\$&')}'` : JSON.stringify(value);
}

function grouped(type: string): string {
  return type.includes(' | ') ? `(${type})` : type;
}
