import { readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { run } from './run.js';
import { BuildError } from './types.js';

/** Users and groups 0 to 65535 of a build root. */
const rootIds = 65536;

/**
 * Where the ids of build roots begin on the host when root itself builds and has no line in /etc/subuid. Above all
 * that useradd gives to users (SUB_UID_MAX of login.defs) and below all that systemd reserves, and no login has them.
 */
const idsForRoot = 1610612736;

/** One line of a uid_map, see user_namespaces(7). */
interface MapLine {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

/** How the ids inside a build root appear on the host. */
export interface IdMap {
  readonly user: { readonly id: number; readonly name: string };
  readonly uids: readonly MapLine[];
  readonly gids: readonly MapLine[];
}

/**
 * The map for the calling user. An unprivileged user is root inside, and its subordinate ids are all others. For
 * root, every id inside is a subordinate one: nothing of a build ever runs with root's own ids.
 *
 * @throws BuildError that names the command which gives a user subordinate ids
 */
export async function idMap(): Promise<IdMap> {
  const { uid, gid, username } = userInfo();
  const [uids, gids] = await Promise.all([
    subordinateStart('/etc/subuid', uid, username),
    subordinateStart('/etc/subgid', uid, username),
  ]);
  const lines = (own: number, start: number): MapLine[] =>
    uid === 0
      ? [{ inside: 0, outside: start, count: rootIds }]
      : [
          { inside: 0, outside: own, count: 1 },
          { inside: 1, outside: start, count: rootIds - 1 },
        ];
  return { user: { id: uid, name: username }, uids: lines(uid, uids), gids: lines(gid, gids) };
}

/** First id of the user's range of at least 65536 ids in a file as subuid(5) describes it. */
export function subordinateRange(text: string, uid: number, username: string): number | undefined {
  for (const line of text.split('\n')) {
    const [owner, start, count] = line.trim().split(':');
    if ((owner === username || owner === String(uid)) && Number(count) >= rootIds) return Number(start);
  }
  return undefined;
}

async function subordinateStart(file: string, uid: number, username: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const start = subordinateRange(text, uid, username);
  if (start !== undefined) return start;
  if (uid === 0) return idsForRoot;
  const range = '100000-165535';
  throw new BuildError({
    class: 'infrastructure',
    stage: 'base',
    message: `The user ${username} has no range of 65536 subordinate ids in ${file}; give it one with: usermod --add-subuids ${range} --add-subgids ${range} ${username}`,
  });
}

/** Gives a new user namespace its ids, through newuidmap(1) and newgidmap(1) unless the caller is root. */
export async function writeIdMap(pid: number, map: IdMap): Promise<void> {
  const flat = (lines: readonly MapLine[]) =>
    lines.flatMap(line => [line.inside, line.outside, line.count].map(String));
  if (map.user.id === 0) {
    await writeFile(`/proc/${pid}/uid_map`, flat(map.uids).join(' '));
    await writeFile(`/proc/${pid}/gid_map`, flat(map.gids).join(' '));
    return;
  }
  for (const [tool, lines] of [
    ['newuidmap', map.uids],
    ['newgidmap', map.gids],
  ] as const) {
    const result = await run([tool, String(pid), ...flat(lines)]);
    if (result.code !== 0) throw new Error(result.stderr.trim() || `${tool} failed`);
  }
}
