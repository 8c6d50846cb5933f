import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { discover } from './discovery.js';
import { Unreachable } from './errors.js';

describe('discover', () => {
  let home: string;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'tumbi-home-'));
    await writeFile(join(home, 'address'), 'http://127.0.0.1:8080\n');
    await writeFile(join(home, 'token'), 'local\n');
  });
  after(() => rm(home, { recursive: true }));

  it('finds what runs from the folder', async () => {
    assert.deepEqual(await discover({ TUMBI_HOME: home }), { url: 'http://127.0.0.1:8080', token: 'local' });
    assert.equal((await discover({ TUMBI_HOME: home, TUMBI_TOKEN: 'mine' })).token, 'mine');
  });

  it("does not send a folder's token to another server", async () => {
    const url = 'https://tumbi.example.org';
    assert.deepEqual(await discover({ TUMBI_HOME: home, TUMBI_URL: url }), { url, token: undefined });
  });

  it('says what to do when nothing runs', async () => {
    await assert.rejects(discover({ TUMBI_HOME: join(home, 'none') }), error => {
      assert.ok(error instanceof Unreachable);
      assert.match(error.message, /^No Tumbi runs from .*: start one with "npm start", or set TUMBI_URL/);
      return true;
    });
  });

  it('refuses what is no address', async () => {
    for (const url of ['127.0.0.1:8080', 'ftp://x', 'nowhere'])
      await assert.rejects(discover({ TUMBI_URL: url }), /it must be an address such as/);
  });
});
