/** The server refused or failed; the message is its sentence. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** Of HTTP. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }

  /** Reads the sentence out of an answer that is no success. */
  static async from(response: Response): Promise<ApiError> {
    const text = await response.text().catch(() => '');
    return new ApiError(response.status, sentence(text) ?? `${response.url} answered ${response.status}.`);
  }
}

/** No server answers at the address. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** What is given as a server's address is none. */
export class InvalidAddress extends Error {
  override readonly name = 'InvalidAddress';
}

function sentence(body: string): string | undefined {
  try {
    const { message } = JSON.parse(body);
    return typeof message === 'string' && message ? message : undefined;
  } catch {
    return undefined;
  }
}
