/** What repeated measurements came to, in the unit of the values. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError when there is no value */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [lower, upper] = [(sorted.length - 1) >> 1, sorted.length >> 1].map(i => sorted[i]);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (lower === undefined || upper === undefined || min === undefined || max === undefined)
    throw new RangeError('A spread needs at least one value.');
  return { median: (lower + upper) / 2, min, max };
}

/**
 * Each value over the floor of its own round, so that what the machine did otherwise in that round falls out.
 * @throws RangeError when the rounds are not the same
 */
export function ratios(values: readonly number[], floors: readonly number[]): number[] {
  return pairs(values, floors).map(([value, floor]) => value / floor);
}

/** Each value less the floor of its own round. */
export function differences(values: readonly number[], floors: readonly number[]): number[] {
  return pairs(values, floors).map(([value, floor]) => value - floor);
}

function pairs(values: readonly number[], floors: readonly number[]): [number, number][] {
  return values.map((value, round) => {
    const floor = floors[round];
    if (floor === undefined || values.length !== floors.length)
      throw new RangeError(`${values.length} values have no partners in ${floors.length} floors.`);
    return [value, floor];
  });
}

/** `1.25 (1.20–1.31)`: the median, then the least and the greatest. */
export function formatSpread({ median, min, max }: Spread, digits: number): string {
  const format = (value: number) => value.toLocaleString('en', digitOptions(digits));
  return `${format(median)} (${format(min)}–${format(max)})`;
}

function digitOptions(digits: number): Intl.NumberFormatOptions {
  return { minimumFractionDigits: digits, maximumFractionDigits: digits };
}

/**
 * Measures every variant once per round, in turn, and in the opposite order every other round: a machine that gets
 * slower or faster then does so for all of them. Rounds before the first counted one warm up code and caches.
 * @param variants each gives its measurement
 * @returns the measurements of each variant, round by round
 */
export async function interleave<Name extends string>(
  variants: Readonly<Record<Name, () => Promise<number>>>,
  rounds: { readonly warmUp: number; readonly counted: number },
): Promise<Record<Name, number[]>> {
  const names = Object.keys(variants) as Name[];
  const measured = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -rounds.warmUp; round < rounds.counted; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await variants[name]();
      if (round >= 0) measured[name].push(value);
    }
  }
  return measured;
}

/** Seconds that a task takes. */
export async function secondsOf(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return (performance.now() - start) / 1_000;
}
