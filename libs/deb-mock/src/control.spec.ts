import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isSafeFileName, isVersion, parseChecksums, parseParagraph, withoutSignature } from './control.js';
import { parseDsc } from './dsc.js';

const digest = 'a'.repeat(64);
const dsc = `Format: 3.0 (quilt)
Source: hello
Binary: hello
Architecture: any
Version: 2.10-3
Build-Depends: debhelper-compat (= 13),
 texinfo
Checksums-Sha256:
 ${digest} 725946 hello_2.10.orig.tar.gz
Files:
 6cd0ffea3884a4e79330338dcc2987d6 725946 hello_2.10.orig.tar.gz
`;

describe('parseParagraph', () => {
  test('joins continuation lines and ends at an empty line', () => {
    const fields = parseParagraph('# a comment\nA: 1\nB:\n two\n three\n\nC: 4\n');
    assert.deepEqual(
      [...fields],
      [
        ['A', '1'],
        ['B', '\n two\n three'],
      ],
    );
  });

  test('refuses a repeated field, a stray continuation and what is no field', () => {
    assert.throws(() => parseParagraph('A: 1\na: 2\n'), /line 2 gives a a second time/);
    assert.throws(() => parseParagraph(' A: 1\n'), /line 1 continues no field/);
    assert.throws(() => parseParagraph('A: 1\nnonsense\n'), /line 2 is not a field/);
  });
});

describe('withoutSignature', () => {
  const signed = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nA: 1\n- - dashed\n-----BEGIN PGP SIGNATURE-----\n\nxyz\n-----END PGP SIGNATURE-----\n`;

  test('takes the armour and the dash escapes away', () => {
    assert.equal(withoutSignature(signed), 'A: 1\n- dashed\n');
  });

  test('leaves unsigned text alone', () => {
    assert.equal(withoutSignature('A: 1\n'), 'A: 1\n');
  });

  test('refuses a signature that is cut off', () => {
    assert.throws(() => withoutSignature(signed.slice(0, 70)), /cut off/);
  });

  test('does not take text before the armour for signed', () => {
    const text = `A: evil\n\n${signed}`;
    assert.equal(withoutSignature(text), text);
  });
});

describe('file names and versions', () => {
  for (const name of [
    '..',
    '.hidden',
    '../x',
    'a/b',
    '/etc/passwd',
    '',
    'a\0b',
    'a b',
    '-rf',
    'x'.repeat(256),
  ]) {
    test(`${JSON.stringify(name.slice(0, 12))} is not a safe file name`, () => {
      assert.equal(isSafeFileName(name), false);
    });
  }

  test('ordinary names are safe', () => {
    assert.ok(['hello_2.10-3.dsc', 'libstdc++6_14.2.0~rc1+b1_amd64.deb'].every(isSafeFileName));
  });

  test('versions follow the policy', () => {
    assert.ok(['1', '1:2.10-3', '2.0~rc1+dfsg-0.1'].every(isVersion));
    assert.ok(!['', 'a1', '1 2', '1:', '../1', '1_2'].some(isVersion));
  });
});

describe('parseChecksums', () => {
  test('refuses a file that is listed twice and a line that is not one', () => {
    const line = ` ${digest} 1 a.deb`;
    assert.throws(() => parseChecksums(`\n${line}\n${line}`), /listed twice/);
    assert.throws(() => parseChecksums(' abc 1 a.deb'), /cannot be read/);
  });
});

describe('parseDsc', () => {
  test('reads names, version, files and fields', () => {
    const parsed = parseDsc(dsc);
    assert.equal(parsed.name, 'hello');
    assert.equal(parsed.version, '2.10-3');
    assert.deepEqual(parsed.files, [{ name: 'hello_2.10.orig.tar.gz', size: 725946, sha256: digest }]);
    assert.equal(parsed.fields['build-depends'], 'debhelper-compat (= 13),\n texinfo');
  });

  test('refuses names that leave the directory, in either list', () => {
    assert.throws(
      () => parseDsc(dsc.replace(`725946 hello_2.10.orig.tar.gz\nFiles`, '725946 ../x\nFiles')),
      /"\.\.\/x" is not allowed/,
    );
    assert.throws(
      () => parseDsc(dsc.replace(/725946 hello_2.10.orig.tar.gz\n$/, '725946 /x\n')),
      /"\/x" is not allowed/,
    );
  });

  test('refuses lists that differ', () => {
    assert.throws(
      () => parseDsc(dsc.replace(/hello_2.10.orig.tar.gz\n$/, 'other.tar.gz\n')),
      /do not list the same files/,
    );
  });

  test('names the field that is missing', () => {
    assert.throws(() => parseDsc(dsc.replace('Source: hello\n', '')), /no field Source/);
  });

  test('refuses a name or version that is none', () => {
    assert.throws(
      () => parseDsc(dsc.replace('Source: hello', 'Source: ../x')),
      /source name "\.\.\/x" is not allowed/,
    );
    assert.throws(() => parseDsc(dsc.replace('2.10-3', '2/3')), /version "2\/3" is not allowed/);
  });
});
