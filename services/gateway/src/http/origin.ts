import type { FastifyRequest } from 'fastify';

/** The address under which the client reached us. */
export function origin(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}
