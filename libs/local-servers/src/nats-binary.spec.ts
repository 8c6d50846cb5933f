import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { compareVersions, findNatsServer } from './nats-binary.js';

describe('compareVersions', () => {
  it('compares numbers, not text', () => {
    assert.ok(compareVersions('2.9.10', '2.12.0') < 0);
    assert.ok(compareVersions('2.12.0', '2.9.10') > 0);
    assert.equal(compareVersions('2.12.0', '2.12'), 0);
  });
});

describe('findNatsServer', () => {
  it('takes the newest that set-up has unpacked', async t => {
    const home = await homeWith(t, ['97.9.10', '97.12.1']);
    const found = await findNatsServer(home);
    assert.equal(found.version, '97.12.1');
    assert.ok(found.path.startsWith(home));
  });

  it('says which version is needed and how to get it', async t => {
    const home = await homeWith(t, ['2.9.10']);
    await withPath('/nonexistent', () =>
      assert.rejects(findNatsServer(home), /^Error: nats-server 2\.12\.0 or newer is needed and .*npm start/),
    );
  });
});

async function homeWith(t: { after(fn: () => Promise<void>): void }, versions: string[]): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'tumbi-home-'));
  t.after(() => rm(home, { recursive: true }));
  for (const version of versions) {
    const folder = join(home, `tools/nats-server-${version}/usr/sbin`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'nats-server'), `#!/bin/sh\necho nats-server: v${version}\n`);
    await chmod(join(folder, 'nats-server'), 0o755);
  }
  return home;
}

async function withPath(path: string, action: () => Promise<void>): Promise<void> {
  const before = process.env.PATH;
  process.env.PATH = path;
  try {
    await action();
  } finally {
    process.env.PATH = before;
  }
}
