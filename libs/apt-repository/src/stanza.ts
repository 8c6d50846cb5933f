import { type ControlField, fieldValue, formatControl } from './control.js';
import { InvalidPackage } from './errors.js';
import { checkArchitecture, checkPackageName, checkVersion, sourceName } from './package-rules.js';
import type { BinaryPackage } from './repository.js';

/** dpkg-scanpackages' order; other fields follow in the order of their names. */
const ORDER = [
  'Package',
  'Source',
  'Version',
  'Kernel-Version',
  'Auto-Built-Package',
  'Architecture',
  'Subarchitecture',
  'Installer-Menu-Item',
  'Build-Essential',
  'Essential',
  'Protected',
  'Origin',
  'Bugs',
  'Maintainer',
  'Installed-Size',
  'Pre-Depends',
  'Depends',
  'Recommends',
  'Suggests',
  'Enhances',
  'Conflicts',
  'Breaks',
  'Replaces',
  'Provides',
  'Built-Using',
  'Static-Built-Using',
  'Filename',
  'Size',
  'MD5sum',
  'SHA1',
  'SHA256',
  'Section',
  'Priority',
  'Multi-Arch',
  'Homepage',
  'Description',
  'Tag',
  'Task',
].map(name => name.toLowerCase());

/** Fields that only the repository may set; a .deb that brings them along could point apt elsewhere. */
const RESERVED = new Set(['filename', 'size', 'md5sum', 'sha1', 'sha256', 'sha512', 'status']);

const SHA256 = /^[0-9a-f]{64}$/;
const MD5 = /^[0-9a-f]{32}$/;
const POOL_PATH = /^pool\/[^/]+\/[^/]+\/[^/]+\/([0-9a-f]{64})\/[^/]+\.deb$/;

/**
 * The path of a package's .deb: `pool/<component>/<h>/<source>/<sha256>/<name>_<version>_<architecture>.deb`, the version
 * without its epoch. The digest makes it immutable: another build of the same version, or a past state of
 * the suite, never means other bytes under the same path.
 */
export function poolPath(component: string, binary: BinaryPackage): string {
  const name = checkPackageName(binary.name);
  const source = sourceName(fieldValue(binary.fields, 'Source') ?? name);
  const folder = source.startsWith('lib') ? source.slice(0, 4) : source.slice(0, 1);
  const version = checkVersion(binary.version).replace(/^\d+:/, '');
  const file = `${name}_${version}_${checkArchitecture(binary.architecture)}.deb`;
  return `pool/${component}/${folder}/${source}/${checkDigest(binary.sha256, SHA256)}/${file}`;
}

/** The digest in a path made by `poolPath`; `undefined` for any other path. */
export function digestOfPoolPath(path: string): string | undefined {
  return POOL_PATH.exec(path)?.[1];
}

/**
 * A package's paragraph of a Packages index, ending in a newline. The fields are checked again, since they may have
 * come a long way from the .deb. Throws `InvalidPackage`.
 */
export function packageStanza(component: string, binary: BinaryPackage): string {
  checkAgrees(binary);
  const own = binary.fields.filter(field => !RESERVED.has(field.name.toLowerCase()));
  const added: ControlField[] = [
    { name: 'Filename', value: poolPath(component, binary) },
    { name: 'Size', value: String(checkSize(binary)) },
    { name: 'SHA256', value: binary.sha256 },
  ];
  if (binary.md5 !== undefined) added.push({ name: 'MD5sum', value: checkDigest(binary.md5, MD5) });
  return formatControl([...own, ...added].sort(byOrder));
}

function checkAgrees({ name, version, architecture, fields }: BinaryPackage): void {
  const claimed = { Package: name, Version: version, Architecture: architecture };
  for (const [field, value] of Object.entries(claimed)) {
    const found = fieldValue(fields, field);
    if (found !== value) {
      throw new InvalidPackage(
        `The package ${name} ${version} says '${value}' but its ${field} field '${found}'.`,
      );
    }
  }
}

function checkSize({ name, size }: BinaryPackage): number {
  if (Number.isSafeInteger(size) && size > 0) return size;
  throw new InvalidPackage(`The package ${name} has the size ${size}.`);
}

function checkDigest(digest: string, form: RegExp): string {
  if (form.test(digest)) return digest;
  throw new InvalidPackage(`'${digest}' is not a digest in lower-case hexadecimal digits.`);
}

function byOrder(a: ControlField, b: ControlField): number {
  const [first, second] = [a.name.toLowerCase(), b.name.toLowerCase()];
  return place(first) - place(second) || (first < second ? -1 : 1);
}

function place(name: string): number {
  const index = ORDER.indexOf(name);
  return index === -1 ? ORDER.length : index;
}
