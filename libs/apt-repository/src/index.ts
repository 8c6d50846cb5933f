import type {
  BinaryPackage,
  PublishedSuite,
  RepositoryFiles,
  RepositorySigner,
  SigningKey,
  Suite,
} from './repository.js';

export * from './control.js';
export * from './repository.js';

/** Reads a .deb: its control fields, size and digests. Rejects with `InvalidPackage`. */
export declare function readDeb(path: string): Promise<BinaryPackage>;

/** A .deb, control data or suite that breaks Debian's rules; the message says which and how. */
export declare class InvalidPackage extends Error {
  readonly code: 'INVALID_PACKAGE';
}

/** Publishes a suite, signed, in the order that never shows a client half a publish. One publisher per suite at a time. */
export declare function publishSuite(
  files: RepositoryFiles,
  suite: Suite,
  signer: RepositorySigner,
  options?: { readonly keepPublishes?: number },
): Promise<PublishedSuite>;

/** The path of a package's .deb: `pool/<component>/<h>/<source>/<sha256>/<name>_<version>_<architecture>.deb`. */
export declare function poolPath(component: string, binary: BinaryPackage): string;

/** The digest in a path made by `poolPath`; `undefined` for any other path. */
export declare function digestOfPoolPath(path: string): string | undefined;

/** Makes an Ed25519 signing key without an expiry. */
export declare function createSigningKey(owner: {
  name: string;
  email?: string;
  date?: Date;
}): Promise<SigningKey>;

/** Opens an armored private key. Rejects with one sentence when it is none or needs a passphrase. */
export declare function openSigner(privateKey: string): Promise<RepositorySigner>;

/** A deb822 `.sources` entry for users (sources.list(5)), with the key inside it or named by its path. */
export declare function sourcesEntry(entry: {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  readonly architectures?: readonly string[];
  readonly signedBy: { readonly publicKey: string } | { readonly path: string };
}): string;
