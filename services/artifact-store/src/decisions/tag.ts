import {
  type Logged,
  newEvent,
  PackageTagged,
  RepositoryPublished,
  TagCreated,
  type TagEvent,
} from '@tumbi/contracts';
import type { Decider } from '@tumbi/event-log';

/** What a tag's history says. */
export interface Tag {
  readonly name: string | undefined;
  readonly suite: string | undefined;
  /** The builds in it, oldest first. */
  readonly builds: readonly Logged<typeof PackageTagged>['data'][];
  /** The last event that changed its contents. */
  readonly changedAt: number;
  readonly published: Logged<typeof RepositoryPublished>['data'] | undefined;
  /** ISO 8601, of the last publish. */
  readonly publishedAt: string | undefined;
}

export type TagCommand =
  | { readonly kind: 'create'; readonly tag: string; readonly suite: string }
  | { readonly kind: 'add'; readonly entry: Logged<typeof PackageTagged>['data'] }
  | { readonly kind: 'published'; readonly repository: Logged<typeof RepositoryPublished>['data'] };

export const tag: Decider<Tag, TagEvent, TagCommand> = {
  aggregate: 'tag',
  initial: {
    name: undefined,
    suite: undefined,
    builds: [],
    changedAt: 0,
    published: undefined,
    publishedAt: undefined,
  },
  evolve(state, event) {
    switch (event.name) {
      case 'TagCreated':
        return { ...state, name: event.data.tag, suite: event.data.suite, changedAt: event.sequence };
      case 'PackageTagged':
        return { ...state, builds: [...state.builds, event.data], changedAt: event.sequence };
      case 'RepositoryPublished':
        return { ...state, published: event.data, publishedAt: event.recordedAt };
    }
  },
  decide(state, command) {
    switch (command.kind) {
      case 'create':
        return state.name ? [] : [newEvent(TagCreated, { tag: command.tag, suite: command.suite })];
      case 'add':
        if (state.builds.some(entry => entry.build === command.entry.build)) return [];
        return [{ ...newEvent(PackageTagged, command.entry), step: `PackageTagged ${command.entry.build}` }];
      case 'published': {
        const { through } = command.repository;
        if (state.published && state.published.through >= through) return [];
        return [
          { ...newEvent(RepositoryPublished, command.repository), step: `RepositoryPublished ${through}` },
        ];
      }
    }
  },
};
