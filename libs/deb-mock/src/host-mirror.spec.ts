import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { debianMirrorIn, hostDebianMirror } from './host-mirror.js';

describe('debianMirrorIn', () => {
  test('reads the one-line format', () => {
    const text = `# deb http://old.example/debian trixie main
deb-src http://src.example/debian trixie main
deb https://packages.example/apt stable main
deb http://security.example/debian-security trixie-security main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/pub/debian/ trixie main
`;
    assert.equal(debianMirrorIn(text, false), 'http://mirror.example/pub/debian');
  });

  test('reads the deb822 format', () => {
    const text = `Types: deb
URIs: http://off.example/debian
Suites: trixie
Enabled: no

Types: deb deb-src
# a comment
URIs: http://security.example/debian-security
 https://mirror.example/debian
Suites: trixie
`;
    assert.equal(debianMirrorIn(text, true), 'https://mirror.example/debian');
  });

  test('finds none where there is none', () => {
    assert.equal(debianMirrorIn('deb cdrom:[Debian]/ trixie main\n', false), undefined);
  });
});

test('TUMBI_MIRROR comes first, deb.debian.org last', () => {
  assert.equal(hostDebianMirror({ TUMBI_MIRROR: 'http://m.example/debian/' }), 'http://m.example/debian');
  assert.equal(hostDebianMirror({}, '/nonexistent'), 'http://deb.debian.org/debian');
});
