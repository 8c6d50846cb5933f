import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A real .deb, made by dpkg-deb in `dir`, which installs `/usr/share/tumbi-test/<name>`. Gives its path. */
export async function makeDeb(
  dir: string,
  name: string,
  fields: Record<string, string> = {},
): Promise<string> {
  const all: Record<string, string> = {
    Package: name,
    Version: '1.0-1',
    Architecture: 'all',
    Maintainer: 'Tumbi Tests <tests@example.org>',
    Description: 'made for a test',
    ...fields,
  };
  const lines = Object.entries(all).map(([key, value]) => `${key}: ${value}\n`);
  return packDeb(dir, name, Buffer.from(lines.join('')), all.Version ?? '');
}

/** A .deb with this control file, which dpkg-deb does not check. */
export async function packDeb(dir: string, name: string, control: Buffer, content = ''): Promise<string> {
  const tree = join(dir, `${name}.tree`);
  await mkdir(join(tree, 'DEBIAN'), { recursive: true, mode: 0o755 });
  await mkdir(join(tree, 'usr/share/tumbi-test'), { recursive: true, mode: 0o755 });
  await writeFile(join(tree, 'DEBIAN/control'), control, { mode: 0o644 });
  await writeFile(join(tree, 'usr/share/tumbi-test', name), `${content}\n`, { mode: 0o644 });
  const deb = join(dir, `${name}.deb`);
  await promisify(execFile)('dpkg-deb', ['--root-owner-group', '--nocheck', '--build', tree, deb]);
  return deb;
}
