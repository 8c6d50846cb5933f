import { Inject, Injectable } from '@nestjs/common';
import { type BuildEvent, BuildSucceeded, type Logged, tagId } from '@tumbi/contracts';
import { causedBy, decide } from '@tumbi/event-log';
import type { ObjectStore } from '@tumbi/object-store';
import { OBJECT_STORE, Reaction } from '@tumbi/service-host';
import { tag } from '../decisions/tag.js';

/** What a build made enters the tag it was asked for, once every blob has been hashed again. */
@Injectable()
export class OnBuildSucceeded extends Reaction<Logged<typeof BuildSucceeded>> {
  @Inject(OBJECT_STORE) private readonly store!: ObjectStore;
  protected readonly delivery = { durable: 'artifact-store-succeeded', events: [BuildSucceeded] };

  async handle(event: Logged<typeof BuildSucceeded>): Promise<void> {
    const history = (await this.log.load('build', event.aggregateId)) as BuildEvent[];
    const request = history.find(one => one.name === 'BuildRequested');
    const started = history.findLast(one => one.name === 'BuildStarted');
    if (!request || !started)
      throw new Error(`Build ${event.aggregateId} succeeded without having been started.`);
    for (const digest of event.data.debs) await this.#verify(digest);
    const name = request.data.tag;
    const cause = causedBy(event, 'service:artifact-store');
    await decide(this.log, tag, tagId(name), { kind: 'create', tag: name, suite: request.data.suite }, cause);
    const { source } = started.data;
    const entry = {
      tag: name,
      build: event.aggregateId,
      source: source.name,
      version: source.version,
      debs: event.data.debs,
    };
    await decide(this.log, tag, tagId(name), { kind: 'add', entry }, cause);
  }

  /** Reads the blob to its end: the store fails the stream when the bytes are not those of the name. */
  async #verify(digest: string): Promise<void> {
    for await (const _ of await this.store.get(digest));
  }
}
