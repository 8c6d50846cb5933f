import { z } from 'zod';

type Json = Record<string, unknown>;

/** Where the schemas with an `id` stand in an OpenAPI document. */
const COMPONENTS = '#/components/schemas/';

/**
 * A zod schema as JSON Schema 2020-12, which is what OpenAPI 3.1 speaks, and the named schemas that it refers to.
 * What is given may grow fields, so no object is closed.
 */
export function jsonSchema(
  schema: z.ZodType,
  io: 'input' | 'output',
): { readonly schema: Json; readonly components: Record<string, Json> } {
  const {
    $schema: _,
    $defs = {},
    ...rest
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => simplify(jsonSchema),
  });
  return { schema: located(rest) as Json, components: located($defs) as Record<string, Json> };
}

/** A reference to the component that a schema with an `id` is. */
export function namedSchema(schema: z.ZodType): { readonly $ref: string } {
  const id = schema.meta()?.id;
  if (!id) throw new Error('A schema that is referred to needs an id.');
  return { $ref: COMPONENTS + id };
}

/** Leaves out what zod adds for its own checks: patterns beside formats, and the bounds of JavaScript's integers. */
function simplify(schema: Json): void {
  if (schema.format) delete schema.pattern;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.additionalProperties === false) delete schema.additionalProperties;
}

/** The same with each `#/$defs/X` as the component X. */
function located(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(located);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === '$ref' && typeof one === 'string' ? one.replace('#/$defs/', COMPONENTS) : located(one),
    ]),
  );
}
