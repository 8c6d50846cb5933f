import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The checkout. */
export const ROOT = join(import.meta.dirname, '..');

/** The folders of the workspace's projects, from the root: `libs/contracts`. */
export function projectFolders(root = ROOT): string[] {
  return ['libs', 'services', 'apps'].flatMap(parent =>
    readdirSync(join(root, parent))
      .map(name => `${parent}/${name}`)
      .filter(folder => existsSync(join(root, folder, 'package.json')))
      .sort(),
  );
}

/** A program of node_modules, run by our own Node.js. */
export function npmProgram(name: string, ...args: string[]): string[] {
  return [join(ROOT, 'node_modules/.bin', name), ...args];
}
