import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { fieldValue } from './control.js';
import { InvalidPackage } from './errors.js';
import { type DebLimits, readDeb } from './read-deb.js';
import { makeDeb, packDeb } from './testing/make-deb.js';

const run = promisify(execFile);

let dir: string;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tumbi-read-deb-'));
});
after(() => rm(dir, { recursive: true }));

const CONTROL =
  'Package: x-y\nVersion: 1\nArchitecture: all\nMaintainer: T <t@example.org>\nDescription: d\n';

async function refuses(path: string, message: RegExp, limits?: DebLimits): Promise<void> {
  await assert.rejects(readDeb(path, limits), error => {
    assert.ok(error instanceof InvalidPackage, String(error));
    assert.match(error.message, /^[\w.-]+ is not a usable \.deb\. /);
    assert.match(error.message, message);
    return true;
  });
}

describe('Reading a .deb', () => {
  it('gives its fields, size and digests', async () => {
    const path = await makeDeb(dir, 'hello', {
      Version: '1:2.10-3',
      Source: 'hello-src (2.10-3)',
      Description: 'a greeting\n It greets.\n .\n Völlig.',
    });
    const bytes = await readFile(path);
    const binary = await readDeb(path);
    const { name, version, architecture, size, sha256, md5, fields } = binary;
    assert.deepEqual([name, version, architecture, size], ['hello', '1:2.10-3', 'all', bytes.length]);
    assert.equal(sha256, createHash('sha256').update(bytes).digest('hex'));
    assert.equal(md5, createHash('md5').update(bytes).digest('hex'));
    assert.equal(fieldValue(fields, 'source'), 'hello-src (2.10-3)');
    assert.equal(fieldValue(fields, 'Description'), 'a greeting\n It greets.\n .\n Völlig.');
    assert.deepEqual(JSON.parse(JSON.stringify(binary)), binary);
  });

  it('refuses garbage, an empty file and a truncated one', async () => {
    const garbage = join(dir, 'garbage.deb');
    await writeFile(garbage, randomBytes(5000));
    await refuses(garbage, /is not an ar archive/);
    await writeFile(garbage, '');
    await refuses(garbage, /is not an ar archive/);
    await writeFile(garbage, `!<arch>\n${'x'.repeat(200)}`);
    await refuses(garbage, /ar archive is damaged/);
    await writeFile(garbage, '!<arch>\n');
    await refuses(garbage, /no debian-binary/);
    const cut = await makeDeb(dir, 'cut');
    await truncate(cut, (await readFile(cut)).length - 10);
    await refuses(cut, /is truncated: \d+ bytes are missing/);
  });

  it('refuses control data that dpkg-deb cannot unpack', async () => {
    const path = await makeDeb(dir, 'broken');
    const bytes = await readFile(path);
    bytes.fill(0x55, 140, 200);
    await writeFile(path, bytes);
    await refuses(path, /dpkg-deb|control/);
  });

  const hostile: Record<string, [Buffer, RegExp]> = {
    'a second paragraph': [Buffer.from(`${CONTROL}\nPackage: evil\n`), /no field/],
    'a blank line of spaces': [Buffer.from(`${CONTROL} \nEssential: yes\n`), /blank or unindented/],
    'a carriage return': [Buffer.from(CONTROL.replace('d\n', 'd\rPackage: evil\n')), /control character/],
    'a field twice': [Buffer.from(`${CONTROL}version: 2\n`), /field version twice/],
    'bytes that are not UTF-8': [
      Buffer.concat([Buffer.from(CONTROL), Buffer.from([0x58, 0x3a, 0xff, 0x0a])]),
      /UTF-8/,
    ],
    'a name with a slash': [Buffer.from(CONTROL.replace('x-y', '../x')), /cannot be a package name/],
    'a version with a slash': [
      Buffer.from(CONTROL.replace('Version: 1', 'Version: 1/../2')),
      /cannot be a version/,
    ],
    'the architecture any': [
      Buffer.from(CONTROL.replace('all', 'any')),
      /cannot have the architecture 'any'/,
    ],
    'no version': [Buffer.from(CONTROL.replace('Version: 1\n', '')), /no Version field/],
    'a source with a slash': [Buffer.from(`${CONTROL}Source: ../x\n`), /cannot be a package name/],
  };
  for (const [what, [control, message]] of Object.entries(hostile)) {
    it(`refuses control data with ${what}`, async () => {
      await refuses(await packDeb(dir, `hostile-${randomBytes(4).toString('hex')}`, control), message);
    });
  }

  it('stops at its limits', async () => {
    const long = await makeDeb(dir, 'long', { Description: `d\n ${'x'.repeat(2 * 1024 * 1024)}` });
    await refuses(long, /control file is longer than 1048576 bytes/);

    const bomb = join(dir, 'bomb');
    const script = `set -e; mkdir "$1"; cd "$1"; truncate -s 300M aaa; printf '%s' "$2" > control; printf '2.0\\n' > debian-binary
tar -czf control.tar.gz ./aaa ./control; tar -czf data.tar.gz -T /dev/null
ar rc bomb.deb debian-binary control.tar.gz data.tar.gz`;
    await run('sh', ['-c', script, 'sh', bomb, CONTROL]);
    await refuses(join(bomb, 'bomb.deb'), /control archive is too large/);
    await refuses(join(bomb, 'bomb.deb'), /took too long/, { timeout: 1, archive: 2 ** 40 });
  });

  it('keeps the system error of a file that is not there', async () => {
    await assert.rejects(readDeb(join(dir, 'absent.deb')), { code: 'ENOENT' });
  });
});
