import { resolve } from 'node:path';

/** The folder where tests keep what is slow to make: `TUMBI_TEST_CACHE`, else `cache` in `TUMBI_HOME` (`.tumbi`). */
export function testCache(): string {
  return resolve(process.env.TUMBI_TEST_CACHE ?? `${process.env.TUMBI_HOME ?? '.tumbi'}/cache`);
}
