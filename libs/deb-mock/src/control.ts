/** Fields of a paragraph in the order of the file; names as they are written there. */
export type Paragraph = Map<string, string>;

/**
 * Reads the first paragraph of a control file as deb-control(5) and deb822(5) describe them. Continuation lines keep
 * their leading space; lines of comments are dropped.
 *
 * @throws Error that names the line which is neither a field nor a continuation, or a field given twice
 */
export function parseParagraph(text: string): Paragraph {
  const fields: Paragraph = new Map();
  const seen = new Set<string>();
  let last: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.startsWith('#')) continue;
    if (/^\s*$/.test(line)) {
      if (fields.size > 0) break;
      continue;
    }
    if (/^[ \t]/.test(line)) {
      if (last === undefined) throw new Error(`line ${index + 1} continues no field`);
      fields.set(last, `${fields.get(last)}\n${line}`);
      continue;
    }
    const match = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line);
    const [, name, value] = match ?? [];
    if (name === undefined || value === undefined) throw new Error(`line ${index + 1} is not a field`);
    if (seen.has(name.toLowerCase())) throw new Error(`line ${index + 1} gives ${name} a second time`);
    seen.add(name.toLowerCase());
    last = name;
    fields.set(name, value.trimEnd());
  }
  return fields;
}

/** The same paragraph with names in lower case. */
export function byLowerCase(paragraph: Paragraph): Record<string, string> {
  return Object.fromEntries([...paragraph].map(([name, value]) => [name.toLowerCase(), value]));
}

/**
 * Text of an inline-signed file (RFC 4880, section 7) without its armour; a file that is not signed is returned
 * unchanged. The signature is not checked.
 */
export function withoutSignature(text: string): string {
  const begin = /^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\r?\n(?:[^\r\n]+\r?\n)*[ \t]*\r?\n/m.exec(text);
  if (!begin || text.slice(0, begin.index).trim() !== '') return text;
  const body = text.slice(begin.index + begin[0].length);
  const end = /^-----BEGIN PGP SIGNATURE-----/m.exec(body);
  if (!end) throw new Error('its PGP signature is cut off');
  return body.slice(0, end.index).replace(/^- /gm, '');
}

/** A line of a `Checksums-Sha256` field. */
export interface ListedFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

/**
 * Files of a `Checksums-Sha256` field of a .dsc or .changes. Every name must be safe to join to a directory: neither
 * a slash nor a leading dot, and only the characters that Debian's policy allows in package names and versions.
 *
 * @throws Error that quotes the offending line or name
 */
export function parseChecksums(field: string): ListedFile[] {
  const files = field
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .map(line => {
      const [, sha256, size, name] = /^([0-9a-f]{64}) +(\d{1,15}) +(\S.*)$/.exec(line) ?? [];
      if (!sha256 || !size || !name)
        throw new Error(`the checksum line ${JSON.stringify(line)} cannot be read`);
      if (!isSafeFileName(name)) throw new Error(`the file name ${JSON.stringify(name)} is not allowed`);
      return { name, size: Number(size), sha256 };
    });
  const names = new Set(files.map(file => file.name));
  if (names.size !== files.length) throw new Error('a file is listed twice');
  return files;
}

/** Whether a name can be nothing but a file in the directory that it is joined to. */
export function isSafeFileName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9.+~_:-]{0,254}$/.test(name);
}

/** Whether this can be a package's name, by section 5.6.1 of Debian's policy. */
export function isPackageName(name: string): boolean {
  return /^[a-z0-9][a-z0-9+.-]+$/.test(name) && name.length < 200;
}

/** Whether this can be a package's version, by section 5.6.12 of Debian's policy. */
export function isVersion(version: string): boolean {
  return /^(?:\d+:)?\d[A-Za-z0-9.+~-]*$/.test(version) && version.length < 200;
}
