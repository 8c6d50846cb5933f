import { run } from './run.js';

/** Debian's name of this machine's architecture, by dpkg. */
export async function hostArchitecture(): Promise<string> {
  const { stdout } = await run(['dpkg', '--print-architecture']);
  return stdout.trim();
}
