import { join } from 'node:path';

/** The folder that holds everything Tumbi keeps on this machine: `TUMBI_HOME`, or `.tumbi` in the checkout. */
export function tumbiHome(): string {
  return process.env.TUMBI_HOME ?? join(import.meta.dirname, '../../../.tumbi');
}
