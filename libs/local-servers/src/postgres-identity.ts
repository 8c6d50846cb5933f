import { execFile } from 'node:child_process';
import { chmod, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root: what to put before a command so that it sees another user, and the files' owner. */
export interface Identity {
  prefix: readonly string[];
  /** Who has to own the data outside. */
  uid: number;
  gid: number;
}

/**
 * For an ordinary user nothing has to change. Root runs it in a user namespace where root's files look like
 * the user postgres's own (and it has no rights over anything else); where namespaces are refused, as that user.
 *
 * @throws Error when the directory cannot be reached by the user postgres
 */
export async function postgresIdentity(dir: string): Promise<Identity> {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  if (uid !== 0) {
    return { prefix: [], uid, gid };
  }
  const user = await systemUser('postgres');
  const mapped = ['unshare', '--user', `--map-user=${user.uid}`, `--map-group=${user.gid}`, '--'];
  if (await succeeds([...mapped, 'true'])) {
    return { prefix: mapped, uid, gid };
  }
  await chmod(dir, 0o711);
  const changed = ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', '--'];
  if (!(await succeeds([...changed, 'test', '-x', dir]))) {
    throw new Error(
      `PostgreSQL does not run as root and the user postgres cannot reach ${dir}: set TUMBI_HOME to a folder such as /var/lib/tumbi.`,
    );
  }
  return { prefix: changed, ...user };
}

async function systemUser(name: string): Promise<{ uid: number; gid: number }> {
  const entry = (await readFile('/etc/passwd', 'utf8')).split('\n').find(line => line.startsWith(`${name}:`));
  if (entry === undefined) {
    throw new Error(`There is no user ${name}: run "apt-get install postgresql".`);
  }
  const [, , uid, gid] = entry.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

async function succeeds([command = '', ...args]: readonly string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}
