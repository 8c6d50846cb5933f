import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';

/** A repository over HTTP on loopback. */
export interface RepositoryServer extends AsyncDisposable {
  readonly uri: string;
  /** What has been asked for. */
  readonly asked: string[];
  /** Runs before a path is answered. */
  before?: (path: string) => Promise<void>;
  /** Changes what is answered for a path; `undefined` makes it absent. */
  tamper?: (path: string, bytes: Buffer) => Buffer | undefined;
}

/** Serves a folder, and the .debs given by their pool paths. */
export async function serveRepository(
  root: string,
  debs: ReadonlyMap<string, string>,
): Promise<RepositoryServer> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(request.url ?? '/').slice(1);
    asked.push(path);
    await repository.before?.(path);
    const bytes = await readFile(debs.get(path) ?? join(root, path)).catch(() => undefined);
    const answer = bytes && repository.tamper ? repository.tamper(path, bytes) : bytes;
    response.writeHead(answer ? 200 : 404).end(answer);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address !== 'object') throw new Error('The server has no port.');
  const repository: RepositoryServer = {
    uri: `http://127.0.0.1:${address.port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
  return repository;
}
