import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { problem } from './views.js';

const MEANING: Record<number, string> = {
  400: 'The request is malformed; the message says where.',
  401: 'A token is missing or wrong.',
  403: 'The token does not allow it.',
  404: 'There is no such thing.',
  409: 'What exists does not allow it.',
  422: 'The bytes are not what they are said to be.',
  503: 'A part is away for the moment; try again.',
  507: 'The object store is full.',
};

/** Describes an operation for the OpenAPI document: what it is, what it gives, and how it may fail. */
export function Documented(operation: {
  /** Name of the function in generated clients. */
  readonly id: string;
  readonly summary: string;
  readonly status?: number;
  /** A schema for JSON, or the media type of what is not JSON. */
  readonly gives: z.ZodType | string;
  readonly fails?: readonly number[];
  readonly writes?: boolean;
}): MethodDecorator {
  const status = operation.status ?? 200;
  const fails = [...(operation.fails ?? []), ...(operation.writes ? [401, 403] : []), 503];
  return applyDecorators(
    ApiOperation({ operationId: operation.id, summary: operation.summary }),
    typeof operation.gives === 'string'
      ? ApiResponse({
          status,
          description: operation.summary,
          content: { [operation.gives]: { schema: { type: 'string' } } },
        })
      : ApiResponse({ status, description: operation.summary, standardSchema: operation.gives }),
    ...fails.map(code =>
      ApiResponse({ status: code, description: MEANING[code] ?? '', standardSchema: problem }),
    ),
    ...(operation.writes ? [ApiBearerAuth('token')] : []),
  );
}
