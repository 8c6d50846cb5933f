import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { isOutage, Refused } from '@tumbi/event-log';
import { BlobMismatch, BlobNotFound, StoreFull, StoreUnavailable } from '@tumbi/object-store';
import type { FastifyReply } from 'fastify';
import { QueryFailedError, TypeORMError } from 'typeorm';

/** Every error as a status and one sentence. */
@Catch()
export class ProblemsFilter implements ExceptionFilter {
  readonly #logger = new Logger(ProblemsFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { statusCode, message } = describe(error);
    if (statusCode === 500) this.#logger.error(error);
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    if (statusCode === 503) reply.header('retry-after', '5');
    if (statusCode === 401) reply.header('www-authenticate', 'Bearer');
    reply.status(statusCode).send({ statusCode, message });
  }
}

function describe(error: unknown): { statusCode: number; message: string } {
  if (error instanceof HttpException) return { statusCode: error.getStatus(), message: sentence(error) };
  if (error instanceof Refused) return { statusCode: 409, message: error.message };
  if (error instanceof BlobNotFound) return { statusCode: 404, message: error.message };
  if (error instanceof BlobMismatch) return { statusCode: 422, message: error.message };
  if (error instanceof StoreFull) return { statusCode: 507, message: error.message };
  if (error instanceof StoreUnavailable) return { statusCode: 503, message: error.message };
  if (isOutage(error))
    return { statusCode: 503, message: 'The event log is away for the moment; try again soon.' };
  if (isDatabaseOutage(error))
    return { statusCode: 503, message: 'The database is away for the moment; try again soon.' };
  const status = (error as { statusCode?: unknown }).statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500)
    return { statusCode: status, message: (error as Error).message };
  return { statusCode: 500, message: 'Something went wrong here; the log of the gateway says what.' };
}

/** Nest gives a list of complaints for a body that its schema refuses; the first says enough with the others. */
function sentence(error: HttpException): string {
  const response = error.getResponse();
  const message = typeof response === 'object' ? (response as { message?: unknown }).message : response;
  return Array.isArray(message) ? message.join('; ') : String(message ?? error.message);
}

function isDatabaseOutage(error: unknown): boolean {
  if (error instanceof QueryFailedError) return /^(08|57P|53)/.test(String(error.driverError?.code ?? ''));
  if (error instanceof TypeORMError) return error.name === 'DriverAlreadyReleasedError';
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(code) ||
    /^57P/.test(code) ||
    error.message.startsWith('Connection terminated')
  );
}
