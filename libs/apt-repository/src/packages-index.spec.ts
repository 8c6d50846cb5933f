import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { packagesIndex } from './packages-index.js';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('A Packages index', () => {
  for (const count of [0, 1, 256, 700]) {
    it(`holds the same ${count} paragraphs in each form`, async () => {
      const stanzas = Array.from({ length: count }, (_, number) => `Package: p${number}\n`);
      const plain = Buffer.from(stanzas.map(stanza => `${stanza}\n`).join(''));
      const [listed, gz, zst] = await packagesIndex(stanzas);
      assert.deepEqual(listed, { suffix: '', size: plain.length, sha256: sha256(plain) });
      assert.ok(gz?.bytes !== undefined && zst?.bytes !== undefined);
      assert.deepEqual([gz.suffix, zst.suffix], ['.gz', '.zst']);
      assert.deepEqual(gunzipSync(gz.bytes), plain);
      // node:zlib reads one frame; that apt reads many is a test with apt.
      if (count <= 256) assert.deepEqual(zstdDecompressSync(zst.bytes), plain);
      for (const { bytes, size, sha256: digest } of [gz, zst]) {
        assert.deepEqual([size, digest], [bytes?.length, sha256(bytes ?? Buffer.alloc(0))]);
      }
    });
  }
});
