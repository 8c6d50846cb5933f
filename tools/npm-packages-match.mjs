// Exits with 0 when node_modules holds what package-lock.json says. Plain JavaScript, since it runs on the Node.js
// that the machine has, before ours is installed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');

/** @returns {Record<string, {version?: string, integrity?: string, link?: boolean, optional?: boolean}>} */
function packages(lockFile) {
  try {
    return JSON.parse(readFileSync(join(root, lockFile), 'utf8')).packages;
  } catch {
    return {};
  }
}

const installed = packages('node_modules/.package-lock.json');
const differs = Object.entries(packages('package-lock.json')).some(([path, wanted]) => {
  if (!path.startsWith('node_modules/')) {
    return false; // a project of this workspace: the link to it is what gets installed
  }
  const found = installed[path];
  return found === undefined
    ? wanted.optional !== true
    : found.version !== wanted.version || found.integrity !== wanted.integrity || found.link !== wanted.link;
});
process.exit(differs ? 1 : 0);
