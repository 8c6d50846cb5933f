import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InvalidPackage } from './errors.js';
import { checkSuite, formatRelease } from './release.js';
import type { Suite } from './repository.js';

const suite: Suite = {
  name: 'trixie',
  codename: 'thirteen',
  origin: 'Tumbi',
  label: 'Particles',
  description: 'one line',
  date: new Date('2026-11-01T08:09:10.999Z'),
  architectures: ['amd64', 'arm64'],
  components: [
    { name: 'main', packages: [] },
    { name: 'contrib', packages: [] },
  ],
};

describe('A Release file', () => {
  it('describes the suite and lists its indexes by path', () => {
    const [a, b] = ['aa'.repeat(32), 'bb'.repeat(32)];
    const entries = [
      { path: 'main/binary-amd64/Packages.gz', size: 7, sha256: b },
      { path: 'main/binary-amd64/Packages', size: 1234, sha256: a },
    ];
    assert.equal(
      formatRelease(suite, entries),
      `Origin: Tumbi
Label: Particles
Suite: trixie
Codename: thirteen
Date: Sun, 01 Nov 2026 08:09:10 UTC
Acquire-By-Hash: yes
Architectures: amd64 arm64
Components: main contrib
Description: one line
SHA256:
 ${a} 1234 main/binary-amd64/Packages
 ${b}    7 main/binary-amd64/Packages.gz
`,
    );
  });

  const refused: Record<string, Partial<Suite>> = {
    'a name with a slash': { name: 'a/b' },
    'a name that is a folder above': { name: '..' },
    'an origin of two lines': { origin: 'a\nTrusted: yes' },
    'an empty label': { label: ' ' },
    'no architecture': { architectures: [] },
    'the architecture all': { architectures: ['all'] },
    'an architecture twice': { architectures: ['amd64', 'amd64'] },
    'no component': { components: [] },
    'a component that leads elsewhere': { components: [{ name: '../x', packages: [] }] },
  };
  for (const [what, change] of Object.entries(refused)) {
    it(`cannot be of a suite with ${what}`, () => {
      assert.throws(() => checkSuite({ ...suite, ...change }), InvalidPackage);
    });
  }
});
