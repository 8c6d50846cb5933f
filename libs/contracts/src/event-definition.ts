import { z } from 'zod';

/** The kinds of thing that have a history of their own in the log. */
export const AGGREGATES = ['build', 'tag', 'runner'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** The services that may add events; each has a NATS user limited to the events it produces. */
export const PRODUCERS = ['gateway', 'scheduler', 'mock-runner', 'artifact-store'] as const;
export type Producer = (typeof PRODUCERS)[number];

/**
 * One version of one event type: what it means, who may say it, and the shape of its data.
 * A field may be added to `data` as optional within a version; any other change is a new version,
 * defined beside this one, with `upcast` on the new one taking the old data to the new shape.
 */
export interface EventDefinition<
  Name extends string = string,
  Schema extends z.ZodType = z.ZodType,
  Agg extends Aggregate = Aggregate,
> {
  readonly name: Name;
  readonly version: number;
  readonly aggregate: Agg;
  readonly producers: readonly Producer[];
  /** One sentence for people, shown in AsyncAPI and JSON Schema. */
  readonly summary: string;
  readonly data: Schema;
  /** Pure: data of version - 1 to data of this version. Absent on version 1. */
  readonly upcast?: (older: unknown) => z.input<Schema>;
}

export function defineEvent<Name extends string, Schema extends z.ZodType, Agg extends Aggregate>(
  definition: EventDefinition<Name, Schema, Agg>,
): EventDefinition<Name, Schema, Agg> {
  return definition;
}

/** An event a decision wants to add: not yet in the log. */
export interface NewEvent<Name extends string = string, Data = unknown> {
  readonly name: Name;
  readonly version: number;
  readonly data: Data;
}

/** An event as read: its data is of the newest version, whatever version was stored. */
export interface LoggedEvent<Name extends string = string, Data = unknown> {
  readonly name: Name;
  readonly data: Data;
  /** UUID, deterministic in (cause, step): a repeated handler says the same id. */
  readonly id: string;
  readonly aggregate: Aggregate;
  readonly aggregateId: string;
  /** ISO 8601, the producer's clock. */
  readonly time: string;
  /** Who wanted it, for example `token:ci` or `service:scheduler`. */
  readonly actor: string;
  readonly correlationId: string;
  readonly causationId: string | undefined;
  /** Position in the log, from 1; undefined until it is stored. */
  readonly sequence: number;
  /** ISO 8601, the log's clock. */
  readonly recordedAt: string;
}

/** The logged event that a definition describes. */
export type Logged<D> =
  D extends EventDefinition<infer Name, infer Schema> ? LoggedEvent<Name, z.output<Schema>> : never;

/** Makes an event of a definition, refusing data that its schema refuses. */
export function newEvent<Name extends string, Schema extends z.ZodType>(
  definition: EventDefinition<Name, Schema>,
  data: z.input<Schema>,
): NewEvent<Name, z.output<Schema>> {
  return {
    name: definition.name,
    version: definition.version,
    data: definition.data.parse(data) as z.output<Schema>,
  };
}

/** `tumbi.BuildRequested.v1`, the CloudEvents type. */
export function eventType(event: { name: string; version: number }): string {
  return `tumbi.${event.name}.v${event.version}`;
}
