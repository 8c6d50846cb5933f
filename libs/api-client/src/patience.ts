import { setTimeout } from 'node:timers/promises';

const FIRST = 250;
const LONGEST = 5_000;

/** Waits between tries: each time longer, with chance in it, until what it may take in all is used up. */
export class Patience {
  #tries = 0;
  #left: number;

  /** @param total milliseconds to wait in all */
  constructor(private readonly total: number) {
    this.#left = total;
  }

  get exhausted(): boolean {
    return this.#left <= 0;
  }

  /** After a success: the next trouble has all the time again. */
  renew(): void {
    this.#tries = 0;
    this.#left = this.total;
  }

  /** @param atLeast milliseconds that the server asks for */
  async wait(signal: AbortSignal | undefined, atLeast = 0): Promise<void> {
    const delay = Math.min(Math.max(nextDelay(this.#tries++), atLeast), this.#left);
    this.#left -= delay;
    await setTimeout(delay, undefined, { signal });
  }
}

/** Milliseconds before try number `tries` + 2: doubling up to a limit, from half to all of it by chance. */
export function nextDelay(tries: number, chance = Math.random()): number {
  return Math.min(FIRST * 2 ** tries, LONGEST) * (0.5 + chance / 2);
}
