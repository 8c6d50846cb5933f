/** Why a build did not succeed, as far as it matters for what to do next. */
export type FailureClass =
  /** The package itself: its build ends with an error, or it is not for this architecture. */
  | 'package'
  /** Its build dependencies cannot be installed in this suite. */
  | 'dependencies'
  /** Its source is missing, incomplete, damaged or malformed. */
  | 'source'
  /** It took longer, or was silent for longer, than the limits allow. */
  | 'timeout'
  /** Anything that is not the package's fault: the mirror, this machine, a missing tool. */
  | 'infrastructure';

/** The steps of a build, in their order. */
export type Phase = 'source' | 'base' | 'dependencies' | 'build' | 'results';

/** What went wrong. */
export interface Failure {
  readonly class: FailureClass;
  /** One of {@link Phase}, or sbuild's own Fail-Stage (such as `unpack`) if it failed within sbuild. */
  readonly stage: string;
  /** One sentence for people. */
  readonly message: string;
}

/** Thrown by every function of this library but {@link build}, which returns the same failure instead. */
export class BuildError extends Error {
  override readonly name = 'BuildError';

  constructor(
    readonly failure: Failure,
    options?: ErrorOptions,
  ) {
    super(failure.message, options);
  }
}

/** A file by its content. */
export interface FileDigest {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** A source package whose files are all present and match their checksums. */
export interface SourcePackage {
  readonly name: string;
  readonly version: string;
  /** The .dsc's `Architecture` field, split at white space: `any`, `all`, `linux-any` … */
  readonly architectures: readonly string[];
  /** The binary packages it says it makes. */
  readonly binaries: readonly string[];
  /** Absolute path of the .dsc. */
  readonly dsc: string;
  /** The .dsc itself, then the files that it lists; all in the .dsc's own directory. */
  readonly files: readonly FileDigest[];
  /** The .dsc's first paragraph, names in lower case, without its signature. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A .deb installed in the root of a build. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly sha256: string;
  /** Of the .deb, in bytes. */
  readonly size: number;
}

/** A clean root with `build-essential`, unpacked in the cache. */
export interface BaseRoot {
  /** Says what it was made from: sha256 of its recipe. */
  readonly key: string;
  /** Says what it is: sha256 of the root as an archive. The same packages give the same one. */
  readonly digest: string;
  readonly suite: string;
  readonly architecture: string;
  readonly mirror: string;
  /** The `Date` of the suite's Release file from which it was made, ISO 8601. */
  readonly releaseDate: string;
  readonly packages: readonly InstalledPackage[];
  /** Absolute path of its directory in the cache. */
  readonly directory: string;
}

/** Everything that a build reads. */
export interface BuildInputs {
  readonly source: { readonly name: string; readonly version: string; readonly files: readonly FileDigest[] };
  readonly base: Pick<BaseRoot, 'key' | 'digest' | 'suite' | 'architecture' | 'mirror'>;
  /** All that is installed in the root, base and build dependencies, sorted by name. */
  readonly packages: readonly InstalledPackage[];
  /** Version of each tool outside the root that takes part: `deb-mock`, `sbuild`, `mmdebstrap`, `dpkg`. */
  readonly tools: Readonly<Record<string, string>>;
  /** The build's environment variables. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A .deb that a build made, as read back from the file. */
export interface BuiltDeb {
  /** Absolute path in the result directory. */
  readonly file: string;
  /** Its package name. */
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly sha256: string;
  readonly size: number;
  /** Its control fields, named as they are written there. */
  readonly control: Readonly<Record<string, string>>;
}

/** Bounds of one build. */
export interface Limits {
  /** Seconds for the build step; default 4 hours. */
  readonly totalSeconds: number;
  /** Seconds without a line in the log; default 150 minutes, as sbuild's. */
  readonly silenceSeconds: number;
  /** Bytes of log that are kept (and passed to `onLog`); the rest is dropped with a line that says so; default 1 GiB. */
  readonly logBytes: number;
  /** Processes and threads of the build; default 4096. */
  readonly processes: number;
  /** Bytes of memory; default none. */
  readonly memoryBytes?: number;
  /** Bytes that the build may write; default half of the memory, or unlimited on disk. */
  readonly spaceBytes?: number;
}

/** A source package to be fetched from a Debian mirror. */
export interface MirrorSource {
  readonly name: string;
  /** Default: the newest in the suite. */
  readonly version?: string;
  /** Suite to take the source from; default: the suite to build for. */
  readonly suite?: string;
  /** Default: the build's mirror. */
  readonly mirror?: string;
}

/** One source package to be built for one suite and architecture. */
export interface BuildRequest {
  /** A .dsc whose files lie beside it, or a package of a mirror. */
  readonly source: { readonly dsc: string } | MirrorSource;
  /** Suite to build for: `trixie`, `sid` … */
  readonly suite: string;
  /** Debian architecture; only this machine's own so far, which is the default. */
  readonly architecture?: string;
  /** URL of the Debian mirror; default {@link hostDebianMirror}. */
  readonly mirror?: string;
  /** A keyring for the mirror's signatures; default: Debian's. */
  readonly keyring?: string;
  /** Where roots, layers and downloads are kept between builds. */
  readonly cacheDir: string;
  /** The folder that appears when the build has ended: build.log, metadata.json and what was built. Must not exist, or be empty. */
  readonly resultDir: string;
  /** Build profiles, such as `nocheck`. */
  readonly profiles?: readonly string[];
  /** Parallel jobs; default: the number of CPUs. */
  readonly jobs?: number;
  readonly limits?: Partial<Limits>;
  /** Where the build writes: `memory` (tmpfs; the default if at least 4 GiB are free) or `disk`. */
  readonly workspace?: 'memory' | 'disk';
  /** Whether to wait for another build that makes the same root or layer; default true. */
  readonly wait?: boolean;
  /** Cancels the build. */
  readonly signal?: AbortSignal;
  readonly onPhase?: (phase: Phase) => void;
  /** For people: what a long step is doing. */
  readonly onProgress?: (message: string) => void;
  /** A piece of the log: whole lines, in order, each ending in a newline. */
  readonly onLog?: (lines: string) => void;
  /** Called, and awaited, when all inputs are known and the build itself has not begun. If it throws, the build does not start. */
  readonly onInputs?: (inputs: BuildInputs) => void | Promise<void>;
}

/** How a build ended. The same is written to metadata.json, with file names in place of paths. */
export interface BuildOutcome {
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  /** Set if and only if the status is `failed`. */
  readonly failure?: Failure;
  /** Empty unless the status is `succeeded`. */
  readonly debs: readonly BuiltDeb[];
  /** Absolute paths in the result directory; set if the status is `succeeded`. */
  readonly changes?: string;
  readonly buildinfo?: string;
  /** Absolute path of build.log, its bytes and its lines. */
  readonly log: { readonly file: string; readonly size: number; readonly lines: number };
  /** Set as soon as they were known. */
  readonly inputs?: BuildInputs;
  /** Duration of each phase that was begun. */
  readonly seconds: Readonly<Partial<Record<Phase | 'total', number>>>;
}
