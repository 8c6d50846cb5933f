import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where roots are kept unless the caller says otherwise: `cache/deb-mock` in `TUMBI_HOME`, which is `.tumbi` in the
 * checkout of Tumbi that this library is part of, else in the working directory.
 */
export function defaultCacheDir(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return resolve(environment.TUMBI_HOME || join(checkout() ?? '.', '.tumbi'), 'cache/deb-mock');
}

function checkout(): string | undefined {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const manifest = join(root, 'package.json');
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'tumbi'
    ? root
    : undefined;
}
