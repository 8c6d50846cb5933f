import { z } from 'zod';
import { defineEvent, type Logged } from '../event-definition.js';
import {
  architecture,
  blobRef,
  byteSize,
  fileName,
  namedBlob,
  packageName,
  packageVersion,
  seconds,
  sha256,
  suite,
  tagName,
} from '../shapes.js';

export const buildSource = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('archive'),
    name: packageName,
    version: packageVersion.optional().describe('absent: the newest that the suite has'),
    suite: suite.describe('the suite the source is taken from'),
  }),
  z.object({
    kind: z.literal('upload'),
    dsc: fileName,
    files: z.array(namedBlob).min(1).max(64).describe('the .dsc and every file it names'),
  }),
]);
export type BuildSource = z.infer<typeof buildSource>;

/** Whose fault a failed attempt is. Only `infrastructure` is ever tried again. */
export const failureClass = z.enum(['package', 'dependencies', 'source', 'timeout', 'infrastructure']);
export type FailureClass = z.infer<typeof failureClass>;

const attempt = z.int().positive().describe('counts from 1 within a build');
const log = z.object({ sha256, size: byteSize, lines: z.int().nonnegative() });

export const BuildRequested = defineEvent({
  name: 'BuildRequested',
  version: 1,
  aggregate: 'build',
  producers: ['gateway'],
  summary: 'Somebody asked for a source package to be built for a suite.',
  data: z.object({
    source: buildSource,
    suite,
    architecture,
    tag: tagName.describe('the tag, and so the APT repository, that the result goes to'),
    timeLimit: z.int().positive().describe('seconds that one attempt may take'),
  }),
});

export const BuildScheduled = defineEvent({
  name: 'BuildScheduled',
  version: 1,
  aggregate: 'build',
  producers: ['scheduler'],
  summary: 'The build may be taken by any runner that fits.',
  data: z.object({
    maxAttempts: z.int().positive().describe('attempts after which an infrastructure failure is final'),
    reason: z.enum(['requested', 'retry']),
  }),
});

export const BuildStarted = defineEvent({
  name: 'BuildStarted',
  version: 1,
  aggregate: 'build',
  producers: ['mock-runner'],
  summary: 'A runner starts an attempt, having recorded every byte that the build will read.',
  data: z.object({
    attempt,
    runner: z.uuid(),
    source: z.object({
      name: packageName,
      version: packageVersion,
      files: z.array(namedBlob).min(1).max(64),
    }),
    base: z
      .object({ key: z.string().max(128), digest: sha256 })
      .describe('the base root: its cache key and the digest of its contents'),
    inputs: blobRef.describe('JSON: installed packages by version and sha256, tools, environment'),
    packages: z.int().nonnegative().describe('how many packages the root holds'),
  }),
});

export const DebProduced = defineEvent({
  name: 'DebProduced',
  version: 1,
  aggregate: 'build',
  producers: ['mock-runner'],
  summary:
    'An attempt made a .deb. It counts only if that attempt ends in BuildSucceeded, which names all of its .debs.',
  data: z.object({
    attempt,
    package: packageName,
    version: packageVersion,
    architecture,
    filename: fileName,
    sha256,
    size: byteSize,
    control: z.record(z.string().max(128), z.string()).describe('the control fields of the .deb'),
  }),
});

export const BuildSucceeded = defineEvent({
  name: 'BuildSucceeded',
  version: 1,
  aggregate: 'build',
  producers: ['mock-runner'],
  summary: 'An attempt ended well; these are all of its .debs.',
  data: z.object({
    attempt,
    debs: z.array(sha256).min(1).max(700),
    changes: namedBlob,
    buildinfo: namedBlob,
    log,
    seconds: z.record(z.string().max(64), seconds).describe('seconds by phase'),
  }),
});

export const BuildFailed = defineEvent({
  name: 'BuildFailed',
  version: 1,
  aggregate: 'build',
  producers: ['mock-runner', 'scheduler'],
  summary: 'An attempt ended badly; willRetry tells whether another follows.',
  data: z.object({
    attempt,
    class: failureClass,
    stage: z.string().max(64).describe("sbuild's fail stage, or the phase of ours that failed"),
    message: z.string().max(2000).describe('one sentence for a person'),
    willRetry: z.boolean(),
    log: log.optional(),
  }),
});

export const BuildCancelled = defineEvent({
  name: 'BuildCancelled',
  version: 1,
  aggregate: 'build',
  producers: ['gateway'],
  summary: 'Somebody stopped the build; nothing of it will be published.',
  data: z.object({ reason: z.string().max(500) }),
});

export type BuildEvent =
  | Logged<typeof BuildRequested>
  | Logged<typeof BuildScheduled>
  | Logged<typeof BuildStarted>
  | Logged<typeof DebProduced>
  | Logged<typeof BuildSucceeded>
  | Logged<typeof BuildFailed>
  | Logged<typeof BuildCancelled>;
