import { QueryRunnerProviderAlreadyReleasedError } from 'typeorm';

/** Errors of a connection that was refused or lost (errno(3), node-postgres). */
const LOST = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/;
/** PostgreSQL, Appendix A: connection exceptions, and a server that shuts down or starts up. */
const AWAY = /^(08...|57P0[123])$/;

/** Whether an error says that PostgreSQL is away or coming back, so that the same work may succeed later. */
export function isDatabaseOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // What TypeORM says when a connection is lost between two statements of a transaction.
  if (error instanceof QueryRunnerProviderAlreadyReleasedError) return true;
  const code = 'code' in error ? String(error.code) : '';
  return LOST.test(code) || AWAY.test(code) || error.message.startsWith('Connection terminated');
}
