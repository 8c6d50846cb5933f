import { type EventDefinition, eventType } from './event-definition.js';
import {
  BuildCancelled,
  BuildFailed,
  BuildRequested,
  BuildScheduled,
  BuildStarted,
  BuildSucceeded,
  DebProduced,
} from './events/build.js';
import { RunnerRegistered } from './events/runner.js';
import { PackageTagged, RepositoryPublished, TagCreated } from './events/tag.js';

/** A set of event definitions with every version's way up to the newest. */
export class EventRegistry {
  readonly #byType = new Map<string, EventDefinition>();
  readonly #newest = new Map<string, EventDefinition>();

  /** @throws TypeError when a version is missing in between, or has no upcast from the one before it */
  constructor(readonly definitions: readonly EventDefinition[]) {
    for (const definition of definitions) {
      const type = eventType(definition);
      if (this.#byType.has(type)) throw new TypeError(`${type} is defined twice.`);
      this.#byType.set(type, definition);
      const newest = this.#newest.get(definition.name);
      if (!newest || newest.version < definition.version) this.#newest.set(definition.name, definition);
    }
    for (const definition of definitions) {
      if (definition.version === 1) continue;
      const older = eventType({ name: definition.name, version: definition.version - 1 });
      if (!this.#byType.has(older) || !definition.upcast)
        throw new TypeError(`${eventType(definition)} needs ${older} and an upcast from it.`);
    }
  }

  find(type: string): EventDefinition | undefined {
    return this.#byType.get(type);
  }

  newest(name: string): EventDefinition | undefined {
    return this.#newest.get(name);
  }

  /** Data of a stored version, taken step by step to the newest version's shape. */
  upcast(definition: EventDefinition, data: unknown): unknown {
    let current = definition;
    let value = current.data.parse(data);
    for (;;) {
      const next = this.#byType.get(eventType({ name: current.name, version: current.version + 1 }));
      if (!next?.upcast) return value;
      value = next.data.parse(next.upcast(value));
      current = next;
    }
  }
}

/** Every event of Tumbi. */
export const registry = new EventRegistry([
  BuildRequested,
  BuildScheduled,
  BuildStarted,
  DebProduced,
  BuildSucceeded,
  BuildFailed,
  BuildCancelled,
  TagCreated,
  PackageTagged,
  RepositoryPublished,
  RunnerRegistered,
]);
