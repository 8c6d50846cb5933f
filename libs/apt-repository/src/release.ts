import { formatControl } from './control.js';
import { InvalidPackage } from './errors.js';
import type { Suite } from './repository.js';

const WORD = /^[A-Za-z0-9][A-Za-z0-9._+~-]*$/;

/** A line of a Release file: a path relative to `dists/<suite>/`, its size in bytes and its digest. */
export interface ReleaseEntry {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/**
 * A Release file (https://wiki.debian.org/DebianRepository/Format). There is no Valid-Until: a small repository may
 * rest for years.
 */
export function formatRelease(suite: Suite, entries: readonly ReleaseEntry[]): string {
  const width = String(Math.max(0, ...entries.map(entry => entry.size))).length;
  const lines = entries
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(entry => `\n ${entry.sha256} ${String(entry.size).padStart(width)} ${entry.path}`);
  const fields = [
    { name: 'Origin', value: suite.origin },
    { name: 'Label', value: suite.label },
    { name: 'Suite', value: suite.name },
    { name: 'Codename', value: suite.codename ?? suite.name },
    { name: 'Date', value: releaseDate(suite.date) },
    { name: 'Acquire-By-Hash', value: 'yes' },
    { name: 'Architectures', value: suite.architectures.join(' ') },
    { name: 'Components', value: suite.components.map(component => component.name).join(' ') },
    ...(suite.description === undefined ? [] : [{ name: 'Description', value: suite.description }]),
    { name: 'SHA256', value: lines.join('') },
  ];
  return formatControl(fields);
}

/** Throws `InvalidPackage` unless the suite's own words can stand in a Release file and in paths. */
export function checkSuite(suite: Suite): void {
  const components = suite.components.map(component => component.name);
  for (const word of [suite.name, suite.codename ?? suite.name, ...components, ...suite.architectures]) {
    if (!WORD.test(word)) {
      throw new InvalidPackage(
        `'${word}' cannot name a suite, component or architecture: use A-Z a-z 0-9 . _ + ~ -.`,
      );
    }
  }
  for (const text of [suite.origin, suite.label, suite.description ?? '-']) {
    if (text.trim() === '' || text.includes('\n')) {
      throw new InvalidPackage("A suite's origin, label and description must be one line of text each.");
    }
  }
  if (components.length === 0 || suite.architectures.length === 0) {
    throw new InvalidPackage(`The suite ${suite.name} needs a component and an architecture.`);
  }
  for (const words of [components, suite.architectures]) {
    if (new Set(words).size < words.length)
      throw new InvalidPackage(`'${words.join(' ')}' names one thing twice.`);
  }
  if (suite.architectures.includes('all')) {
    throw new InvalidPackage(
      "Leave 'all' out of the architectures: such packages are in every architecture's index.",
    );
  }
}

/** RFC 5322's form with the zone UTC, as apt writes and reads it. */
function releaseDate(date: Date): string {
  return date.toUTCString().replace(/GMT$/, 'UTC');
}
