import { access, constants, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const DEBIAN_POSTGRES = '/usr/lib/postgresql';

/**
 * The folder of PostgreSQL's programs as Debian installs them: of the major version that made the cluster,
 * or the newest for a new one.
 *
 * @param data the cluster's data directory, which may be missing
 * @throws Error with one sentence when that version is not installed
 */
export async function findPostgres(data: string): Promise<string> {
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').then(
    text => text.trim(),
    () => undefined,
  );
  const installed = await installedVersions();
  if (version !== undefined && !installed.includes(version)) {
    throw new Error(
      `${data} was made by PostgreSQL ${version}, which is not installed: install postgresql-${version}, or move that folder away (the event log can make its content again).`,
    );
  }
  const chosen = version ?? installed[0];
  if (chosen === undefined) {
    throw new Error('PostgreSQL is not installed: run "apt-get install postgresql".');
  }
  return join(DEBIAN_POSTGRES, chosen, 'bin');
}

/** Newest first. */
async function installedVersions(): Promise<string[]> {
  const versions: string[] = [];
  for (const name of await readdir(DEBIAN_POSTGRES).catch(() => [])) {
    const server = join(DEBIAN_POSTGRES, name, 'bin/postgres');
    if (
      await access(server, constants.X_OK).then(
        () => true,
        () => false,
      )
    ) {
      versions.push(name);
    }
  }
  return versions.sort((a, b) => Number(b) - Number(a));
}
