import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const fallback = 'http://deb.debian.org/debian';

/**
 * URL of the Debian mirror that this host itself uses, without a slash at its end: `TUMBI_MIRROR` if it is set, else
 * the first one named in apt's sources, else deb.debian.org.
 *
 * @param root directory that holds `etc/apt`
 */
export function hostDebianMirror(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  root = '/',
): string {
  if (environment.TUMBI_MIRROR) return withoutSlash(environment.TUMBI_MIRROR);
  const apt = join(root, 'etc/apt');
  const files = [join(apt, 'sources.list'), ...sourceParts(join(apt, 'sources.list.d'))];
  for (const file of files) {
    const mirror = debianMirrorIn(read(file), file.endsWith('.sources'));
    if (mirror) return mirror;
  }
  return fallback;
}

/**
 * First mirror of the main Debian archive in the text of a sources file, in one-line or deb822 format, as
 * sources.list(5) describes them. Archives of security updates and other vendors are passed over: the main archive is
 * known by its path `/debian`.
 */
export function debianMirrorIn(text: string, deb822: boolean): string | undefined {
  const uris = deb822 ? deb822Uris(text) : oneLineUris(text);
  const found = uris.find(uri => /^https?:\/\/[^/]+\/(?:.*\/)?debian\/?$/.test(uri));
  return found && withoutSlash(found);
}

function oneLineUris(text: string): string[] {
  return text.split('\n').flatMap(line => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)/.exec(line);
    return match?.[1] ? [match[1]] : [];
  });
}

function deb822Uris(text: string): string[] {
  const stanzas = text.replace(/^#.*\n?/gm, '').split(/\n\s*\n/);
  return stanzas.flatMap(stanza => {
    const field = (name: string) =>
      new RegExp(`^${name}:((?:.*)(?:\\n[ \\t]+.*)*)`, 'im').exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
    const usable = field('Types').includes('deb') && field('Enabled')[0]?.toLowerCase() !== 'no';
    return usable ? field('URIs') : [];
  });
}

function sourceParts(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter(name => /\.(?:list|sources)$/.test(name))
      .sort()
      .map(name => join(directory, name));
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
