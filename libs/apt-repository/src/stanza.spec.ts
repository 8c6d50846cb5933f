import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InvalidPackage } from './errors.js';
import type { BinaryPackage } from './repository.js';
import { digestOfPoolPath, packageStanza, poolPath } from './stanza.js';
import { madeUpPackage } from './testing/made-up-package.js';

const sha256 = 'a1'.repeat(32);
const hello: BinaryPackage = {
  ...madeUpPackage('hello', {
    Zebra: 'last',
    Description: 'a greeting\n It greets.',
    'Installed-Size': '10',
    Version: '1:2.10-3',
    Architecture: 'amd64',
    Depends: 'libc6 (>= 2.38)',
  }),
  size: 1234,
  sha256,
  md5: 'b2'.repeat(16),
};

describe('A paragraph of Packages', () => {
  it('has the fields of the .deb and the file, in the usual order', () => {
    assert.equal(
      packageStanza('main', hello),
      `Package: hello
Version: 1:2.10-3
Architecture: amd64
Maintainer: Tumbi Tests <tests@example.org>
Installed-Size: 10
Depends: libc6 (>= 2.38)
Filename: pool/main/h/hello/${sha256}/hello_2.10-3_amd64.deb
Size: 1234
MD5sum: ${'b2'.repeat(16)}
SHA256: ${sha256}
Description: a greeting
 It greets.
Zebra: last
`,
    );
  });

  it('does without an MD5', () => {
    const { md5: _, ...plain } = hello;
    assert.doesNotMatch(packageStanza('main', plain), /MD5/);
  });

  it('ignores what a .deb says about its own place and digests', () => {
    const lying = ['Filename', 'SIZE', 'SHA256', 'MD5sum', 'SHA512', 'Status'].map(name => ({
      name,
      value: '../evil',
    }));
    const stanza = packageStanza('main', { ...hello, fields: [...hello.fields, ...lying] });
    assert.equal(stanza, packageStanza('main', hello));
  });

  const refused: Record<string, Partial<BinaryPackage>> = {
    'a name that leads elsewhere': { name: '../hello' },
    'a version that leads elsewhere': { version: '1/../../x' },
    'an architecture that is none': { architecture: 'any' },
    'a name unlike its field': { name: 'goodbye' },
    'a version unlike its field': { version: '2.10-3' },
    'a digest that is none': { sha256: 'abc' },
    'a size of nothing': { size: 0 },
    'an injected paragraph': { fields: [...hello.fields, { name: 'X', value: 'y\n\nPackage: evil' }] },
    'an injected field': { fields: [...hello.fields, { name: 'X', value: 'y\nEssential: yes' }] },
    'a source that leads elsewhere': { fields: [...hello.fields, { name: 'Source', value: '../../x' }] },
  };
  for (const [what, change] of Object.entries(refused)) {
    it(`is refused for ${what}`, () => {
      assert.throws(() => packageStanza('main', { ...hello, ...change }), InvalidPackage);
    });
  }
});

describe('A path in the pool', () => {
  it('goes by the source package and leaves out the epoch', () => {
    const library = madeUpPackage('libhello1', { Version: '3:1.0~rc1+b2', Source: 'libhello (3:1.0~rc1)' });
    assert.equal(
      poolPath('main', library),
      `pool/main/libh/libhello/${library.sha256}/libhello1_1.0~rc1+b2_all.deb`,
    );
  });

  it('gives its digest back, and nothing for other paths', () => {
    assert.equal(digestOfPoolPath(poolPath('main', hello)), sha256);
    for (const path of [
      '',
      `pool/${sha256}/x.deb`,
      `pool/main/h/hello/${sha256}/x/y.deb`,
      'dists/trixie/InRelease',
    ]) {
      assert.equal(digestOfPoolPath(path), undefined);
    }
  });
});
