import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip, zstdCompress } from 'node:zlib';

const compressors = { '.gz': promisify(gzip), '.zst': promisify(zstdCompress) };

/**
 * How many paragraphs are compressed together. apt reads many gzip members or zstd frames as one file (but not many xz
 * streams), so that a later publish need only compress the chunks that changed.
 */
const CHUNK = 256;

/** One form of an index: what a Release file lists. */
export interface IndexForm {
  /** What follows `Packages` in its name: nothing, `.gz` or `.zst`. */
  readonly suffix: string;
  readonly size: number;
  readonly sha256: string;
  /** Absent for the plain form, which is listed, because apt insists on its digest, but not stored. */
  readonly bytes?: Buffer;
}

/** A Packages index of these paragraphs, plain and compressed. */
export async function packagesIndex(stanzas: readonly string[]): Promise<IndexForm[]> {
  const plain = createHash('sha256');
  let plainSize = 0;
  const compressed = new Map<string, Buffer[]>(Object.keys(compressors).map(suffix => [suffix, []]));
  // An empty index has one empty chunk: a file of no bytes is neither gzip nor zstd.
  for (let start = 0; start === 0 || start < stanzas.length; start += CHUNK) {
    const chunk = Buffer.from(
      stanzas
        .slice(start, start + CHUNK)
        .map(stanza => `${stanza}\n`)
        .join(''),
    );
    plain.update(chunk);
    plainSize += chunk.length;
    for (const [suffix, compress] of Object.entries(compressors))
      compressed.get(suffix)?.push(await compress(chunk));
  }
  const forms: IndexForm[] = [{ suffix: '', size: plainSize, sha256: plain.digest('hex') }];
  for (const [suffix, parts] of compressed) {
    const bytes = Buffer.concat(parts);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    forms.push({ suffix, size: bytes.length, sha256, bytes });
  }
  return forms;
}
