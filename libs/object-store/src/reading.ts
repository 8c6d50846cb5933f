import { createHash } from 'node:crypto';
import { PassThrough, pipeline, type Readable, Transform } from 'node:stream';
import { BlobMismatch } from './errors.js';
import type { Sha256 } from './object-store.js';

/** A blob's bytes as they come, with the errors on the way translated. */
export function reading(bytes: Readable, translate: (error: unknown) => Error): Readable {
  return through(bytes, new PassThrough(), translate);
}

/** A whole blob's bytes as they come; fails with `BlobMismatch` at the end unless they have this SHA-256. */
export function readingVerified(
  bytes: Readable,
  expected: Sha256,
  location: string,
  translate: (error: unknown) => Error,
): Readable {
  const hash = createHash('sha256');
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const actual = hash.digest('hex');
      const what = `A blob in ${location} is damaged, do not use it`;
      done(actual === expected ? null : new BlobMismatch(expected, actual, what));
    },
  });
  return through(bytes, check, translate);
}

function through(bytes: Readable, out: Transform, translate: (error: unknown) => Error): Readable {
  // Before pipeline's own listener, which would hand on the untranslated error.
  bytes.once('error', error => out.destroy(translate(error)));
  return pipeline(bytes, out, () => {});
}
