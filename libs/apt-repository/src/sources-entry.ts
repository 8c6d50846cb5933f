import { formatControl } from './control.js';

/** What a user's apt needs to know about a suite. */
export interface SourcesEntry {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** Default: apt's own. */
  readonly architectures?: readonly string[];
  /** The armored key itself, or the path of a keyring on the user's machine. */
  readonly signedBy: { readonly publicKey: string } | { readonly path: string };
}

/**
 * A deb822 entry for /etc/apt/sources.list.d/NAME.sources (sources.list(5)). A key inside the entry needs apt 2.4, which
 * Debian has since 12.
 */
export function sourcesEntry({ uri, suite, components, architectures, signedBy }: SourcesEntry): string {
  return formatControl([
    { name: 'Types', value: 'deb' },
    { name: 'URIs', value: uri },
    { name: 'Suites', value: suite },
    { name: 'Components', value: components.join(' ') },
    ...(architectures === undefined ? [] : [{ name: 'Architectures', value: architectures.join(' ') }]),
    { name: 'Signed-By', value: 'path' in signedBy ? signedBy.path : embedded(signedBy.publicKey) },
  ]);
}

/** A multi-line value: each line indented, blank ones as a dot. */
function embedded(publicKey: string): string {
  const lines = publicKey.trim().split(/\r?\n/);
  return lines.map(line => `\n ${line.trim() === '' ? '.' : line}`).join('');
}
