import { UsageError } from './errors.js';

/** What is to be built, as it is given on the command line. */
export type Source =
  | { readonly kind: 'archive'; readonly name: string; readonly version?: string; readonly suite?: string }
  | { readonly kind: 'dsc'; readonly path: string };

/**
 * `NAME`, `NAME=VERSION`, `NAME/SUITE`, or the path of a .dsc.
 * @throws UsageError when it is none of them
 */
export function parseSource(text: string): Source {
  if (text.endsWith('.dsc')) {
    if (/^https?:\/\//.test(text))
      throw new UsageError(`${text} is an address: fetch it with \`dget -d\` first, and give the file.`);
    return { kind: 'dsc', path: text };
  }
  const [, name, version, suite] =
    /^([a-z0-9][a-z0-9+.-]+)(?:=([^/=\s]+))?(?:\/([^/=\s]+))?$/.exec(text) ?? [];
  if (name) return { kind: 'archive', name, ...(version && { version }), ...(suite && { suite }) };
  throw new UsageError(
    `${JSON.stringify(text)} is no source: give NAME, NAME=VERSION, NAME/SUITE, or the path of a .dsc file.`,
  );
}
