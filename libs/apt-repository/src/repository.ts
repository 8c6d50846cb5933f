import type { ControlField } from './control.js';

/** A binary package as `readDeb` finds it; plain data, so that it can travel in an event. */
export interface BinaryPackage {
  readonly name: string;
  readonly version: string;
  /** A Debian architecture such as `amd64`, or `all`. */
  readonly architecture: string;
  /** The control file's fields in its own order. */
  readonly fields: readonly ControlField[];
  /** The .deb's length in bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly md5?: string;
}

/** One component of a suite, usually `main`. */
export interface Component {
  readonly name: string;
  readonly packages: readonly BinaryPackage[];
}

/** A suite's whole content at one moment: what `dists/<suite>` is made from. */
export interface Suite {
  /** The folder below `dists/`, and the Release file's Suite, for example `trixie`. */
  readonly name: string;
  /** Default: the name. */
  readonly codename?: string;
  readonly origin: string;
  readonly label: string;
  readonly description?: string;
  /** The moment of publishing: the Release file's Date and the signatures' time. apt refuses an
   * InRelease that is older than the one it has, so a live suite's must not go back. */
  readonly date: Date;
  /** Without `all`: packages for all architectures appear in each one's index. */
  readonly architectures: readonly string[];
  readonly components: readonly Component[];
}

/**
 * Where a repository's files go; paths are relative to the repository, like `dists/trixie/InRelease`.
 * A write replaces the whole file at once, and has happened when it resolves.
 */
export interface RepositoryFiles {
  read(path: string): Promise<Uint8Array | undefined>;
  write(path: string, bytes: Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
  list(prefix: string): AsyncIterable<string>;
}

/** Makes OpenPGP signatures with a repository's key. */
export interface RepositorySigner {
  /** Upper-case hexadecimal digits. */
  readonly fingerprint: string;
  /** The armored public key, for `Signed-By`. */
  readonly publicKey: string;
  /** The text with its signature around it (an InRelease). */
  clearsign(text: string, date: Date): Promise<string>;
  /** The armored detached signature alone (a Release.gpg). */
  sign(text: string, date: Date): Promise<string>;
}

/** A .deb's place in the repository. The path holds the digest, so one path never means two files. */
export interface PoolFile {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

/** What a publish made. */
export interface PublishedSuite {
  readonly suite: string;
  readonly date: Date;
  readonly fingerprint: string;
  /** SHA-256 of the Release file, which names the digests of everything else. */
  readonly releaseSha256: string;
  /** The .debs that the published indexes refer to, each path once, ordered. */
  readonly pool: readonly PoolFile[];
}

/** A new OpenPGP key for a repository. */
export interface SigningKey {
  readonly fingerprint: string;
  /** Armored. */
  readonly publicKey: string;
  /** Armored and without a passphrase: keep it in a file of mode 0600. */
  readonly privateKey: string;
}
