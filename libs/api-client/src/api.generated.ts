// Generated from services/gateway/generated/openapi.json: change the gateway, then run "npm run generate".
import type { ByteSource, CallOptions, ServerEvent, Transport } from './transport.js';

/** a source package of the Debian mirror */
export interface ArchiveSource {
  readonly kind: 'archive';
  readonly name: string;
  /** default: the newest */
  readonly version?: string;
  /** the suite to take the source from; default: the one to build for */
  readonly suite?: string;
}

/** one attempt at a build */
export interface Attempt {
  readonly attempt: number;
  readonly runner?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly outcome?: 'succeeded' | 'package' | 'dependencies' | 'source' | 'timeout' | 'infrastructure';
  readonly stage?: string;
  readonly message?: string;
  readonly log?: {
    /** SHA-256 in lower-case hexadecimal: the name of a blob */
    readonly sha256: string;
    /** bytes */
    readonly size: number;
    readonly lines: number;
  };
}

/** a file in the object store */
export interface BlobRef {
  /** SHA-256 in lower-case hexadecimal: the name of a blob */
  readonly sha256: string;
  /** bytes */
  readonly size: number;
}

export interface Build {
  /** the id of a build */
  readonly id: string;
  readonly source: string | null;
  readonly version: string | null;
  readonly suite: string;
  readonly architecture: string;
  readonly tag: string;
  readonly state: BuildState;
  /** attempts begun so far */
  readonly attempt: number;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** why the last attempt failed */
  readonly message: string | null;
  readonly request: BuildSource;
  readonly timeLimit: number;
  readonly attempts: readonly Attempt[];
  /** empty until the build has succeeded */
  readonly debs: readonly Deb[];
  /** JSON: everything that the last attempt reads, by digest */
  readonly inputs: BlobRef | null;
  readonly changes: NamedBlob | null;
  readonly buildinfo: NamedBlob | null;
  readonly seconds: Readonly<Record<string, number>> | null;
}

export interface BuildPage {
  readonly builds: readonly BuildSummary[];
  /** pass it as `before` for the next page */
  readonly next: string | null;
}

export interface BuildRequest {
  /** a UUID of your own makes the request safe to repeat */
  readonly id?: string;
  readonly source: BuildSource;
  /** the Debian suite to build for, such as trixie */
  readonly suite: string;
  /** default: the hub's own, mostly amd64 */
  readonly architecture?: string;
  /** the tag, and so the repository, for the result; default: the suite's name */
  readonly tag?: string;
  /** seconds that one attempt may take */
  readonly timeLimit?: number;
}

/** what is to be built */
export type BuildSource = ArchiveSource | UploadedSource;

/** a state in wanna-build's words; Installed means that the tag's repository holds the result */
export type BuildState = 'Needs-Build' | 'Building' | 'Built' | 'Given-Back' | 'Build-Attempted' | 'BD-Uninstallable' | 'Failed' | 'Cancelled' | 'Installed';

export interface BuildSummary {
  /** the id of a build */
  readonly id: string;
  readonly source: string | null;
  readonly version: string | null;
  readonly suite: string;
  readonly architecture: string;
  readonly tag: string;
  readonly state: BuildState;
  /** attempts begun so far */
  readonly attempt: number;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** why the last attempt failed */
  readonly message: string | null;
}

export interface CancelRequest {
  readonly reason?: string;
}

/** a message that a reader could not use and set aside */
export interface DeadLetter {
  readonly sequence: number;
  readonly reader: string;
  readonly reason: string;
  readonly source: {
    readonly sequence: number;
    readonly subject: string;
  };
  /** the message in base64 */
  readonly bytes: string;
  readonly at: string;
}

export interface DeadLetterList {
  readonly deadLetters: readonly DeadLetter[];
}

/** a binary package */
export interface Deb {
  readonly package: string;
  readonly version: string;
  readonly architecture: string;
  readonly filename: string;
  /** SHA-256 in lower-case hexadecimal: the name of a blob */
  readonly sha256: string;
  /** bytes */
  readonly size: number;
  readonly control: Readonly<Record<string, string>>;
}

export interface EventPage {
  readonly events: readonly LoggedEvent[];
  /** pass it as `from` for the next page */
  readonly next: number;
}

export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly lastEvent: number;
  readonly problems: readonly string[];
}

export interface LogEnd {
  readonly state: BuildState;
  /** why the last attempt failed */
  readonly message: string | null;
}

export interface LogLines {
  readonly attempt: number;
  /** the number of the first line, from 1 in each attempt */
  readonly first: number;
  /** without line ends; they may hold control characters */
  readonly lines: readonly string[];
}

/** what the log does not say, such as that a base root is being made */
export interface LogNote {
  readonly attempt: number;
  readonly note: string;
}

export interface LoggedEvent {
  readonly sequence: number;
  readonly recordedAt: string;
  /** the CloudEvent as it is stored */
  readonly event: Readonly<Record<string, unknown>>;
}

/** a file in the object store and its name */
export interface NamedBlob {
  readonly name: string;
  /** SHA-256 in lower-case hexadecimal: the name of a blob */
  readonly sha256: string;
  /** bytes */
  readonly size: number;
}

export interface Problem {
  readonly statusCode: number;
  /** one sentence that says what to do */
  readonly message: string;
}

/** a signed APT repository */
export interface Repository {
  readonly url: string;
  readonly suite: string;
  /** where a .sources file for apt is */
  readonly sources: string;
  readonly packages: number;
  readonly publishedAt: string;
  readonly keyFingerprint: string;
}

export interface Runner {
  readonly id: string;
  readonly name: string;
  readonly architectures: readonly string[];
  readonly slots: number;
  readonly tools: Readonly<Record<string, string>>;
  readonly registeredAt: string;
}

export interface RunnerList {
  readonly runners: readonly Runner[];
}

export interface Tag {
  readonly name: string;
  readonly suite: string;
  readonly createdAt: string;
  readonly builds: number;
  /** null until it is first published */
  readonly repository: Repository | null;
}

export interface TagList {
  readonly tags: readonly Tag[];
}

/** a .dsc with its files, each put under /api/blobs before */
export interface UploadedSource {
  readonly kind: 'upload';
  /** the name of the .dsc among the files */
  readonly dsc: string;
  /** the .dsc and every file it names */
  readonly files: readonly NamedBlob[];
}

/** The operations of the API, by their names. */
export class Operations {
  constructor(protected readonly transport: Transport) {}

  /** Asks for a source package to be built. */
  requestBuild(body: BuildRequest, options: CallOptions = {}): Promise<Build> {
    return this.transport.json({ method: 'POST', path: `/api/builds`, body }, options);
  }

  /** Builds, the newest first. */
  listBuilds(query: {
    readonly state?: BuildState;
    readonly source?: string;
    readonly tag?: string;
    /** the id of a build */
    readonly before?: string;
    readonly limit?: number;
  } = {}, options: CallOptions = {}): Promise<BuildPage> {
    return this.transport.json({ method: 'GET', path: `/api/builds`, query }, options);
  }

  /** All about one build. */
  getBuild(id: string, options: CallOptions = {}): Promise<Build> {
    return this.transport.json({ method: 'GET', path: `/api/builds/${encodeURIComponent(id)}` }, options);
  }

  /** Stops a build; nothing of it will be published. */
  cancelBuild(id: string, body: CancelRequest, options: CallOptions = {}): Promise<Build> {
    return this.transport.json({ method: 'POST', path: `/api/builds/${encodeURIComponent(id)}/cancel`, body }, options);
  }

  /** The stored log of an attempt that has ended. */
  getBuildLog(id: string, query: {
    /** default: the last */
    readonly attempt?: number;
  } = {}, options: CallOptions = {}): Promise<Response> {
    return this.transport.response({ method: 'GET', path: `/api/builds/${encodeURIComponent(id)}/log`, query }, options);
  }

  /** The log as it grows, as server-sent events `log` ({attempt, first, lines}), `note` and, last, `end`; Last-Event-ID resumes. */
  followBuildLog(id: string, options: CallOptions = {}): AsyncGenerator<ServerEvent<'log', LogLines> | ServerEvent<'note', LogNote> | ServerEvent<'end', LogEnd>, void> {
    return this.transport.events({ method: 'GET', path: `/api/builds/${encodeURIComponent(id)}/log/stream` }, options);
  }

  /** A file that the build made: a .deb, the .changes or the .buildinfo; or inputs.json. */
  getBuildFile(id: string, name: string, options: CallOptions = {}): Promise<Response> {
    return this.transport.response({ method: 'GET', path: `/api/builds/${encodeURIComponent(id)}/files/${encodeURIComponent(name)}` }, options);
  }

  /** Stores a file of a source package under its SHA-256; a body with another digest is refused. */
  putBlob(sha256: string, bytes: ByteSource, options: CallOptions = {}): Promise<BlobRef> {
    return this.transport.json({ method: 'PUT', path: `/api/blobs/${encodeURIComponent(sha256)}`, bytes }, options);
  }

  /** Whether a blob is there. */
  hasBlob(sha256: string, options: CallOptions = {}): Promise<Response> {
    return this.transport.response({ method: 'HEAD', path: `/api/blobs/${encodeURIComponent(sha256)}` }, options);
  }

  /** The history, oldest first. */
  listEvents(query: {
    /** the first sequence; default: 1, or what comes next */
    readonly from?: number;
    /** such as DebProduced */
    readonly type?: string;
    /** only the events of this build */
    readonly build?: string;
    readonly limit?: number;
  } = {}, options: CallOptions = {}): Promise<EventPage> {
    return this.transport.json({ method: 'GET', path: `/api/events`, query }, options);
  }

  /** Events as they are recorded, as server-sent events whose ids are sequences; Last-Event-ID or `from` resumes. */
  followEvents(query: {
    /** the first sequence; default: 1, or what comes next */
    readonly from?: number;
    /** such as DebProduced */
    readonly type?: string;
    /** only the events of this build */
    readonly build?: string;
    readonly limit?: number;
  } = {}, options: CallOptions = {}): AsyncGenerator<ServerEvent<'message', LoggedEvent>, void> {
    return this.transport.events({ method: 'GET', path: `/api/events/stream`, query }, options);
  }

  /** All tags, each an APT repository. */
  listTags(options: CallOptions = {}): Promise<TagList> {
    return this.transport.json({ method: 'GET', path: `/api/tags` }, options);
  }

  /** One tag. */
  getTag(name: string, options: CallOptions = {}): Promise<Tag> {
    return this.transport.json({ method: 'GET', path: `/api/tags/${encodeURIComponent(name)}` }, options);
  }

  /** Whether every part answers. */
  getHealth(options: CallOptions = {}): Promise<Health> {
    return this.transport.json({ method: 'GET', path: `/api/health` }, options);
  }

  /** The runners that have registered. */
  listRunners(options: CallOptions = {}): Promise<RunnerList> {
    return this.transport.json({ method: 'GET', path: `/api/runners` }, options);
  }

  /** Messages that a reader could not use and set aside, the newest first. */
  listDeadLetters(options: CallOptions = {}): Promise<DeadLetterList> {
    return this.transport.json({ method: 'GET', path: `/api/dead-letters` }, options);
  }

  /** The first page for people: builds, repositories, runners. */
  getHome(options: CallOptions = {}): Promise<Response> {
    return this.transport.response({ method: 'GET', path: `/` }, options);
  }

  /** This document. */
  getOpenApi(options: CallOptions = {}): Promise<Readonly<Record<string, unknown>>> {
    return this.transport.json({ method: 'GET', path: `/api/openapi.json` }, options);
  }
}
