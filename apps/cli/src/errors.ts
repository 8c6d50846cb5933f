/** What was asked cannot be done as it was put; the message says how to put it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Something else than the server said no; the message is for the person, and the program exits with the status. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}
