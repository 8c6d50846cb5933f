import {
  architecture,
  BUILD_STATES,
  byteSize,
  failureClass,
  fileName,
  packageName,
  packageVersion,
  seconds,
  sha256,
  suite,
  tagName,
} from '@tumbi/contracts';
import { z } from 'zod';

/**
 * What the API takes and gives. The OpenAPI document is generated from these; an `id` is the name of a schema there
 * and of a type in the generated client.
 */

/** What is said of a body that is missing or no object. */
const BODY = { error: 'send a JSON object as application/json' };

export const buildId = z
  .uuid('the id of a build is a UUID; GET /api/builds lists them')
  .describe('the id of a build');

export const blob = z
  .object({ sha256, size: byteSize })
  .meta({ id: 'BlobRef', description: 'a file in the object store' });
const namedBlob = z
  .object({ name: fileName, sha256, size: byteSize })
  .meta({ id: 'NamedBlob', description: 'a file in the object store and its name' });

const archiveSource = z
  .object({
    kind: z.literal('archive'),
    name: packageName,
    version: packageVersion.optional().describe('default: the newest'),
    suite: suite.optional().describe('the suite to take the source from; default: the one to build for'),
  })
  .meta({ id: 'ArchiveSource', description: 'a source package of the Debian mirror' });

const uploadedSource = z
  .object({
    kind: z.literal('upload'),
    dsc: fileName.describe('the name of the .dsc among the files'),
    files: z.array(namedBlob).min(1).max(64).describe('the .dsc and every file it names'),
  })
  .meta({ id: 'UploadedSource', description: 'a .dsc with its files, each put under /api/blobs before' });

export const sourceRequest = z
  .discriminatedUnion('kind', [archiveSource, uploadedSource], {
    error: 'say what to build as {"kind": "archive", "name": …} or {"kind": "upload", "dsc": …, "files": …}',
  })
  .meta({ id: 'BuildSource', description: 'what is to be built' });

export const buildRequest = z
  .object(
    {
      id: buildId.optional().describe('a UUID of your own makes the request safe to repeat'),
      source: sourceRequest,
      suite: suite.describe('the Debian suite to build for, such as trixie'),
      architecture: architecture.optional().describe("default: the hub's own, mostly amd64"),
      tag: tagName
        .optional()
        .describe("the tag, and so the repository, for the result; default: the suite's name"),
      timeLimit: z
        .int()
        .min(1)
        .max(7 * 24 * 60 * 60)
        .optional()
        .describe('seconds that one attempt may take'),
    },
    BODY,
  )
  .meta({ id: 'BuildRequest' });

export const buildState = z.enum([...BUILD_STATES, 'Installed']).meta({
  id: 'BuildState',
  description: "a state in wanna-build's words; Installed means that the tag's repository holds the result",
});

const attempt = z
  .object({
    attempt: z.int(),
    runner: z.string().optional(),
    startedAt: z.iso.datetime().optional(),
    finishedAt: z.iso.datetime().optional(),
    outcome: z.enum(['succeeded', ...failureClass.options]).optional(),
    stage: z.string().optional(),
    message: z.string().optional(),
    log: blob.extend({ lines: z.int() }).optional(),
  })
  .meta({ id: 'Attempt', description: 'one attempt at a build' });

export const buildSummary = z
  .object({
    id: buildId,
    source: z.string().nullable(),
    version: z.string().nullable(),
    suite: z.string(),
    architecture: z.string(),
    tag: z.string(),
    state: buildState,
    attempt: z.int().describe('attempts begun so far'),
    requestedBy: z.string(),
    requestedAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
    message: z.string().nullable().describe('why the last attempt failed'),
  })
  .meta({ id: 'BuildSummary' });

export const deb = z
  .object({
    package: z.string(),
    version: z.string(),
    architecture: z.string(),
    filename: z.string(),
    sha256,
    size: byteSize,
    control: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Deb', description: 'a binary package' });

export const buildDetail = buildSummary
  .extend({
    request: sourceRequest,
    timeLimit: z.int(),
    attempts: z.array(attempt),
    debs: z.array(deb).describe('empty until the build has succeeded'),
    inputs: blob.nullable().describe('JSON: everything that the last attempt reads, by digest'),
    changes: namedBlob.nullable(),
    buildinfo: namedBlob.nullable(),
    seconds: z.record(z.string(), seconds).nullable(),
  })
  .meta({ id: 'Build' });

export const logLines = z
  .object({
    attempt: z.int(),
    first: z.int().describe('the number of the first line, from 1 in each attempt'),
    lines: z.array(z.string()).describe('without line ends; they may hold control characters'),
  })
  .meta({ id: 'LogLines' });
export const logNote = z
  .object({ attempt: z.int(), note: z.string() })
  .meta({ id: 'LogNote', description: 'what the log does not say, such as that a base root is being made' });
export const logEnd = z
  .object({
    state: buildState,
    message: z.string().nullable().describe('why the last attempt failed'),
  })
  .meta({ id: 'LogEnd' });

export const buildPage = z
  .object({
    builds: z.array(buildSummary),
    next: buildId.nullable().describe('pass it as `before` for the next page'),
  })
  .meta({ id: 'BuildPage' });

export const buildQuery = z.object({
  state: buildState.optional(),
  source: packageName.optional(),
  tag: tagName.optional(),
  before: buildId.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

export const cancelRequest = z
  .object({ reason: z.string().max(500).default('') }, BODY)
  .meta({ id: 'CancelRequest' });

export const eventQuery = z.object({
  from: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('the first sequence; default: 1, or what comes next'),
  type: z
    .string()
    .regex(/^[A-Za-z]+$/, 'a type of event is letters, such as DebProduced')
    .optional()
    .describe('such as DebProduced'),
  build: buildId.optional().describe('only the events of this build'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

export const loggedEvent = z
  .object({
    sequence: z.int(),
    recordedAt: z.iso.datetime(),
    event: z.record(z.string(), z.unknown()).describe('the CloudEvent as it is stored'),
  })
  .meta({ id: 'LoggedEvent' });
export const eventPage = z
  .object({
    events: z.array(loggedEvent),
    next: z.int().describe('pass it as `from` for the next page'),
  })
  .meta({ id: 'EventPage' });

const repository = z
  .object({
    url: z.string(),
    suite: z.string(),
    sources: z.string().describe('where a .sources file for apt is'),
    packages: z.int(),
    publishedAt: z.iso.datetime(),
    keyFingerprint: z.string(),
  })
  .meta({ id: 'Repository', description: 'a signed APT repository' });

export const tag = z
  .object({
    name: tagName,
    suite: z.string(),
    createdAt: z.iso.datetime(),
    builds: z.int(),
    repository: repository.nullable().describe('null until it is first published'),
  })
  .meta({ id: 'Tag' });
export const tagList = z.object({ tags: z.array(tag) }).meta({ id: 'TagList' });

export const runner = z
  .object({
    id: z.string(),
    name: z.string(),
    architectures: z.array(z.string()),
    slots: z.int(),
    tools: z.record(z.string(), z.string()),
    registeredAt: z.iso.datetime(),
  })
  .meta({ id: 'Runner' });
export const runnerList = z.object({ runners: z.array(runner) }).meta({ id: 'RunnerList' });

export const deadLetter = z
  .object({
    sequence: z.int(),
    reader: z.string(),
    reason: z.string(),
    source: z.object({ sequence: z.int(), subject: z.string() }),
    bytes: z.string().describe('the message in base64'),
    at: z.iso.datetime(),
  })
  .meta({ id: 'DeadLetter', description: 'a message that a reader could not use and set aside' });
export const deadLetterList = z.object({ deadLetters: z.array(deadLetter) }).meta({ id: 'DeadLetterList' });

export const health = z
  .object({
    status: z.enum(['ok', 'degraded']),
    lastEvent: z.int(),
    problems: z.array(z.string()),
  })
  .meta({ id: 'Health' });

export const problem = z
  .object({
    statusCode: z.int(),
    message: z.string().describe('one sentence that says what to do'),
  })
  .meta({ id: 'Problem' });
