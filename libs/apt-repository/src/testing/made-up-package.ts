import { createHash } from 'node:crypto';
import type { ControlField } from '../control.js';
import type { BinaryPackage } from '../repository.js';

/** A package that has no .deb behind it; fields given replace or join the usual ones. */
export function madeUpPackage(name: string, fields: Record<string, string> = {}): BinaryPackage {
  const all: Record<string, string> = {
    Package: name,
    Version: '1.0-1',
    Architecture: 'all',
    Maintainer: 'Tumbi Tests <tests@example.org>',
    Description: 'made up for a test\n It does nothing.\n .\n Nothing at all.',
    ...fields,
  };
  const list: ControlField[] = Object.entries(all).map(([key, value]) => ({ name: key, value }));
  const digest = (kind: string) => createHash(kind).update(JSON.stringify(list)).digest('hex');
  return {
    name,
    version: all.Version ?? '',
    architecture: all.Architecture ?? '',
    fields: list,
    size: 700,
    sha256: digest('sha256'),
    md5: digest('md5'),
  };
}
