import type { BuildEvent, LoggedEvent } from '@tumbi/contracts';
import {
  BuildCancelled,
  BuildFailed,
  BuildRequested,
  BuildScheduled,
  BuildStarted,
  BuildSucceeded,
  DebProduced,
} from '@tumbi/contracts';
import { EntitySchema } from 'typeorm';
import { foldRows, type Projection } from '../projections/projection.js';

interface BuildRow {
  id: string;
  state: string;
  attempt: number;
  /** Of all events, so that one that took effect twice shows. */
  events: number;
  /** A bigint that is a number in the code. */
  bytes: number;
  lastSequence: number;
  tag: string | null;
  failure: { class: string; message: string } | null;
  debs: { name: string; sha256: string }[];
  endedAt: string | null;
}

/** Stands as long as a build waits for a runner. */
interface WaitingRow {
  build: string;
  since: number;
}

const asNumber = { to: (value: number) => value, from: (value: string) => Number(value) };
const asIso = {
  to: (value: string | null) => value,
  from: (value: Date | null) => value?.toISOString() ?? null,
};

const builds = new EntitySchema<BuildRow>({
  name: 'build',
  columns: {
    id: { type: 'uuid', primary: true },
    state: { type: 'text' },
    attempt: { type: 'int' },
    events: { type: 'int' },
    bytes: { type: 'bigint', transformer: asNumber },
    lastSequence: { type: 'bigint', name: 'last_sequence', transformer: asNumber },
    tag: { type: 'text', nullable: true },
    failure: { type: 'jsonb', nullable: true },
    debs: { type: 'jsonb' },
    endedAt: { type: 'timestamptz', name: 'ended_at', nullable: true, transformer: asIso },
  },
  indices: [{ columns: ['state'] }],
});

const waiting = new EntitySchema<WaitingRow>({
  name: 'waiting',
  columns: {
    build: { type: 'uuid', primary: true },
    since: { type: 'bigint', transformer: asNumber },
  },
});

/** A read model as services have them: columns of each kind, rows that come, change and go. */
export function buildsProjection(version = 1, around?: Around): Projection {
  return {
    name: 'builds',
    version,
    events: [
      BuildRequested,
      BuildScheduled,
      BuildStarted,
      DebProduced,
      BuildSucceeded,
      BuildFailed,
      BuildCancelled,
    ],
    entities: [builds, waiting],
    async apply(events, manager) {
      await around?.before?.(events);
      const key = (event: LoggedEvent) => event.aggregateId;
      await foldRows(manager, builds, 'id', events, key, (row, event) => foldBuild(row, event as BuildEvent));
      await foldRows(manager, waiting, 'build', events, key, foldWaiting);
      await around?.after?.(events);
    },
  };
}

/** What a test does around the writing of a batch, within its transaction. */
export interface Around {
  before?(events: readonly LoggedEvent[]): Promise<void> | void;
  after?(events: readonly LoggedEvent[]): Promise<void> | void;
}

function foldBuild(row: BuildRow | undefined, event: BuildEvent): BuildRow {
  const next: BuildRow = {
    ...(row ?? {
      id: event.aggregateId,
      state: '',
      attempt: 0,
      events: 0,
      bytes: 0,
      tag: null,
      failure: null,
      debs: [],
      endedAt: null,
    }),
    lastSequence: event.sequence,
  };
  next.events++;
  next.state = event.name;
  if (event.name === 'BuildRequested') next.tag = event.data.tag;
  if (event.name === 'BuildStarted') {
    next.attempt = event.data.attempt;
    next.failure = null;
    next.debs = [];
  }
  if (event.name === 'DebProduced') {
    next.bytes += event.data.size;
    next.debs = [...next.debs, { name: event.data.package, sha256: event.data.sha256 }];
  }
  if (event.name === 'BuildFailed') next.failure = { class: event.data.class, message: event.data.message };
  if (event.name === 'BuildSucceeded') next.endedAt = event.time;
  return next;
}

function foldWaiting(row: WaitingRow | undefined, event: LoggedEvent): WaitingRow | undefined {
  if (event.name === 'BuildScheduled') return { build: event.aggregateId, since: event.sequence };
  return event.name === 'BuildStarted' ? undefined : row;
}
