import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { rootPrefix } from './apt.ts';
import { step } from './progress.ts';

const RANGE = 65_536;
const FIRST = 100_000;

/** Gives the user a range of 65,536 subordinate user and group ids (subuid(5)) unless there is one. */
export async function ensureSubordinateIds(logFile: string): Promise<void> {
  const { username, uid } = userInfo();
  for (const [file, option] of [
    ['/etc/subuid', '--add-subuids'],
    ['/etc/subgid', '--add-subgids'],
  ] as const) {
    const ranges = read(file);
    const own = ranges.some(({ owner, count }) => [username, `${uid}`].includes(owner) && count >= RANGE);
    if (!own) {
      const first = Math.max(FIRST, ...ranges.map(range => range.first + range.count));
      const command = ['usermod', option, `${first}-${first + RANGE - 1}`, username];
      const root = await rootPrefix(command.join(' '));
      await step({
        what: `Adding a range of ids for ${username} to ${file}`,
        command: [...root, ...command],
        logFile,
      });
    }
  }
}

function read(file: string): { owner: string; first: number; count: number }[] {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // no file, no ranges
  }
  return text
    .split('\n')
    .filter(line => /^[^#:]+:\d+:\d+$/.test(line))
    .map(line => {
      const [owner = '', first, count] = line.split(':');
      return { owner, first: Number(first), count: Number(count) };
    });
}
