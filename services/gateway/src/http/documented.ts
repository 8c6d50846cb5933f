import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { namedSchema } from './json-schema.js';
import { problem } from './views.js';

const MEANING: Record<number, string> = {
  400: 'The request is malformed; the message says where.',
  401: 'A token is missing or wrong.',
  403: 'The token does not allow it.',
  404: 'There is no such thing.',
  409: 'What exists does not allow it.',
  422: 'The bytes are not what they are said to be.',
  413: 'A file may not be that big.',
  503: 'A part is away for the moment; try again.',
  507: 'The object store is full.',
};

/** Describes an operation for the OpenAPI document: what it is, what it gives, and how it may fail. */
export function Documented(operation: {
  /** Name of the function in generated clients. */
  readonly id: string;
  readonly summary: string;
  readonly status?: number;
  /** A schema for JSON, the media type of what is not JSON, or the server-sent events by their names. */
  readonly gives: z.ZodType | string | { readonly events: Readonly<Record<string, z.ZodType>> };
  readonly fails?: readonly number[];
  readonly writes?: boolean;
}): MethodDecorator {
  const status = operation.status ?? 200;
  const fails = [...(operation.fails ?? []), ...(operation.writes ? [401, 403] : []), 503];
  return applyDecorators(
    ApiOperation({ operationId: operation.id, summary: operation.summary }),
    given(operation.gives, { status, description: operation.summary }),
    ...fails.map(code =>
      ApiResponse({ status: code, description: MEANING[code] ?? '', standardSchema: problem }),
    ),
    ...(operation.writes ? [ApiBearerAuth('token')] : []),
  );
}

function given(
  gives: Parameters<typeof Documented>[0]['gives'],
  response: { status: number; description: string },
): MethodDecorator {
  if (gives instanceof z.ZodType) return ApiResponse({ ...response, standardSchema: gives });
  if (typeof gives === 'string')
    return ApiResponse({ ...response, content: { [gives]: { schema: { type: 'string' } } } });
  const stream = {
    schema: { type: 'string' as const, description: 'server-sent events (WHATWG HTML), their data JSON' },
    // OpenAPI 3.1 has no words of its own for the items of a stream.
    'x-events': Object.fromEntries(
      Object.entries(gives.events).map(([name, schema]) => [name, namedSchema(schema)]),
    ),
  };
  return applyDecorators(
    ApiHeader({
      name: 'Last-Event-ID',
      required: false,
      description: 'the id of the last event that was received; the stream goes on behind it',
      schema: { type: 'string' },
    }),
    ApiResponse({ ...response, content: { 'text/event-stream': stream } }),
  );
}
