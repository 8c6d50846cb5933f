import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sourcesEntry } from './sources-entry.js';

const entry = { uri: 'https://example.org/apt/particles', suite: 'trixie', components: ['main', 'contrib'] };

describe('A sources entry', () => {
  it('holds the key, its blank line as a dot', () => {
    const publicKey = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxjME\n-----END PGP PUBLIC KEY BLOCK-----\n';
    assert.equal(
      sourcesEntry({ ...entry, signedBy: { publicKey } }),
      `Types: deb
URIs: https://example.org/apt/particles
Suites: trixie
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 xjME
 -----END PGP PUBLIC KEY BLOCK-----
`,
    );
  });

  it('names a keyring and architectures', () => {
    const text = sourcesEntry({
      ...entry,
      architectures: ['amd64'],
      signedBy: { path: '/etc/apt/keyrings/x.asc' },
    });
    assert.match(text, /^Architectures: amd64\nSigned-By: \/etc\/apt\/keyrings\/x\.asc\n/m);
  });
});
