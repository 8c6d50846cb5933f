import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type BinaryPackage, publishSuite } from '@tumbi/apt-repository';
import { type Logged, PackageTagged, type TagEvent } from '@tumbi/contracts';
import { causedBy, decide } from '@tumbi/event-log';
import type { ObjectStore } from '@tumbi/object-store';
import { OBJECT_STORE, Reaction } from '@tumbi/service-host';
import { BuiltDebs } from '../built-debs.js';
import { repositoryContents } from '../decisions/contents.js';
import { tag } from '../decisions/tag.js';
import { Keys } from '../keys.js';
import { repositoryFiles } from '../repository-files.js';

/** A tag that has changed is published; one publish serves all changes up to it. */
@Injectable()
export class OnPackageTagged extends Reaction<Logged<typeof PackageTagged>> {
  @Inject(OBJECT_STORE) private readonly store!: ObjectStore;
  @Inject(BuiltDebs) private readonly builtDebs!: BuiltDebs;
  @Inject(Keys) private readonly keys!: Keys;
  protected readonly delivery = {
    durable: 'artifact-store-tagged',
    events: [PackageTagged],
    exclusive: true,
  };

  async handle(event: Logged<typeof PackageTagged>): Promise<void> {
    const history = (await this.log.load('tag', event.aggregateId)) as TagEvent[];
    const state = history.reduce(tag.evolve, tag.initial);
    const { name, suite } = state;
    if (!name || !suite) throw new Error(`The tag ${event.data.tag} has packages and was never created.`);
    if (state.published && state.published.through >= event.sequence) return;

    const builds = await Promise.all(state.builds.map(entry => this.builtDebs.of(entry.build)));
    const contents = repositoryContents(builds.flatMap(build => build.debs));
    const signer = await this.keys.signer(name);
    const files = repositoryFiles(this.store, name);
    await files.write('key.asc', Buffer.from(signer.publicKey));
    await publishSuite(
      files,
      {
        name: suite,
        origin: 'Tumbi',
        label: name,
        description: `Packages tagged ${name}`,
        date: nextDate(state.publishedAt),
        architectures: [...new Set(builds.map(build => build.architecture))].sort(),
        components: [{ name: 'main', packages: contents.map(binaryPackage) }],
      },
      signer,
    );
    const inRelease = Buffer.from((await files.read(`dists/${suite}/InRelease`)) ?? []);
    const repository = {
      tag: name,
      suite,
      through: state.changedAt,
      packages: contents.length,
      inRelease: { sha256: createHash('sha256').update(inRelease).digest('hex'), size: inRelease.length },
      keyFingerprint: signer.fingerprint,
    };
    const cause = causedBy(event, 'service:artifact-store');
    await decide(this.log, tag, event.aggregateId, { kind: 'published', repository }, cause);
  }
}

/** A Release file's date only grows, by whole seconds, also when the clock does not. */
function nextDate(last: string | undefined): Date {
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  const previous = last ? Math.floor(Date.parse(last) / 1_000) * 1_000 : 0;
  return new Date(Math.max(now, previous + 1_000));
}

function binaryPackage(deb: {
  package: string;
  version: string;
  architecture: string;
  sha256: string;
  size: number;
  control: Record<string, string>;
}): BinaryPackage {
  return {
    name: deb.package,
    version: deb.version,
    architecture: deb.architecture,
    fields: Object.entries(deb.control).map(([name, value]) => ({ name, value })),
    size: deb.size,
    sha256: deb.sha256,
  };
}
