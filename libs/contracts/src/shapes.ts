import { z } from 'zod';

/** The words that more than one event is made of. */

export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'a sha256 is 64 lower-case hexadecimal digits')
  .describe('SHA-256 in lower-case hexadecimal: the name of a blob');

/** Debian Policy 5.6.1 and 5.6.7. */
export const packageName = z
  .string()
  .max(128)
  .regex(
    /^[a-z0-9][a-z0-9+.-]+$/,
    'a Debian package name has lower-case letters, digits, "+", "-" and ".", at least two characters',
  );

/** Debian Policy 5.6.12. */
export const packageVersion = z
  .string()
  .max(128)
  .regex(
    /^(?:[0-9]+:)?[0-9][A-Za-z0-9.+~-]*$/,
    'a Debian version starts with a digit and has letters, digits and ". + - ~", with an epoch before ":"',
  );

export const architecture = z
  .string()
  .max(32)
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'a Debian architecture is lower-case letters, digits and "-"');

/** A suite or code name as it stands in an APT line. */
export const suite = z
  .string()
  .max(64)
  .regex(
    /^[a-z0-9][a-z0-9.+-]*$/,
    'a suite is lower-case letters, digits, ".", "+" and "-", for example trixie',
  );

export const tagName = z
  .string()
  .max(64)
  .regex(
    /^[a-z0-9][a-z0-9.-]*$/,
    'a tag is lower-case letters, digits, "." and "-", for example particleos-13',
  );

/** A file name that can't leave its folder: no slash, no leading dot. */
export const fileName = z
  .string()
  .max(255)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9.+~:_%-]*$/,
    'a file name is letters, digits and ". + ~ : _ % -", with no slash and no leading dot',
  );

export const byteSize = z.int().nonnegative().describe('bytes');
export const seconds = z.number().nonnegative().describe('seconds');

export const blobRef = z.object({ sha256, size: byteSize }).describe('A blob in the object store');
export const namedBlob = z.object({ name: fileName, sha256, size: byteSize });

export type BlobRef = z.infer<typeof blobRef>;
export type NamedBlob = z.infer<typeof namedBlob>;
