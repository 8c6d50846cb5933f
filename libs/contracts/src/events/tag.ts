import { z } from 'zod';
import { defineEvent, type Logged } from '../event-definition.js';
import { byteSize, packageName, packageVersion, sha256, suite, tagName } from '../shapes.js';

export const TagCreated = defineEvent({
  name: 'TagCreated',
  version: 1,
  aggregate: 'tag',
  producers: ['artifact-store'],
  summary: 'A tag, and so an APT repository, came to be.',
  data: z.object({ tag: tagName, suite: suite.describe('the Debian suite its packages are built for') }),
});

export const PackageTagged = defineEvent({
  name: 'PackageTagged',
  version: 1,
  aggregate: 'tag',
  producers: ['artifact-store'],
  summary: "A build's packages entered a tag.",
  data: z.object({
    tag: tagName,
    build: z.uuid(),
    source: packageName,
    version: packageVersion,
    debs: z.array(sha256).min(1).max(700),
  }),
});

export const RepositoryPublished = defineEvent({
  name: 'RepositoryPublished',
  version: 1,
  aggregate: 'tag',
  producers: ['artifact-store'],
  summary: "The tag's APT repository was written and signed; apt sees this state from here on.",
  data: z.object({
    tag: tagName,
    suite: suite.describe('the suite under dists/'),
    through: z.int().positive().describe('the last event of the tag that the repository holds'),
    packages: z.int().nonnegative(),
    inRelease: z.object({ sha256, size: byteSize }),
    keyFingerprint: z.string().regex(/^[0-9A-F]{40,64}$/),
  }),
});

export type TagEvent =
  | Logged<typeof TagCreated>
  | Logged<typeof PackageTagged>
  | Logged<typeof RepositoryPublished>;
