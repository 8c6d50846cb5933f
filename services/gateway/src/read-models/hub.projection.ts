import type {
  BuildEvent,
  DebProduced,
  Logged,
  LoggedEvent,
  PackageTagged,
  RepositoryPublished,
  RunnerRegistered,
  TagEvent,
} from '@tumbi/contracts';
import { registry } from '@tumbi/contracts';
import { foldRows, type Projection } from '@tumbi/event-log';
import { type EntityManager, LessThanOrEqual } from 'typeorm';
import { evolveBuildRow } from './build-row.js';
import { BuildRow, DebRow, RunnerRow, TagRow } from './hub.entities.js';

/** Everything that the API tells of builds, tags and runners. */
export const hub: Projection = {
  name: 'hub',
  version: 1,
  events: registry.definitions,
  entities: [BuildRow, DebRow, TagRow, RunnerRow],
  async apply(events, manager) {
    // A publish changes all builds of its tag, so the events before it are written first.
    let pending: LoggedEvent[] = [];
    for (const event of events) {
      pending.push(event);
      if (event.name !== 'RepositoryPublished') continue;
      await applyFolds(pending, manager);
      pending = [];
      await install(event as Logged<typeof RepositoryPublished>, manager);
    }
    await applyFolds(pending, manager);
  },
};

async function applyFolds(events: readonly LoggedEvent[], manager: EntityManager): Promise<void> {
  await foldRows(manager, BuildRow, 'id', events, buildOf, (row, event) => {
    if (event.name === 'PackageTagged') return row && { ...row, taggedAt: event.sequence };
    return evolveBuildRow(row, event as BuildEvent);
  });
  await foldRows(manager, TagRow, 'name', events, tagOf, (row, event) =>
    evolveTagRow(row, event as TagEvent),
  );
  await foldRows(
    manager,
    DebRow,
    'key',
    events,
    event => (event.name === 'DebProduced' ? debKey(event as Logged<typeof DebProduced>) : undefined),
    (_, event) => debRow(event as Logged<typeof DebProduced>),
  );
  await foldRows(
    manager,
    RunnerRow,
    'id',
    events,
    event => (event.aggregate === 'runner' ? event.aggregateId : undefined),
    (_, event) => runnerRow(event as Logged<typeof RunnerRegistered>),
  );
}

/** apt sees the tag up to `through` from here on: the builds in it are Installed. */
async function install(event: Logged<typeof RepositoryPublished>, manager: EntityManager): Promise<void> {
  await manager.update(
    BuildRow,
    { tag: event.data.tag, state: 'Built', taggedAt: LessThanOrEqual(event.data.through) },
    { state: 'Installed' },
  );
}

function buildOf(event: LoggedEvent): string | undefined {
  if (event.name === 'PackageTagged') return (event as Logged<typeof PackageTagged>).data.build;
  return event.aggregate === 'build' && event.name !== 'DebProduced' ? event.aggregateId : undefined;
}

function tagOf(event: LoggedEvent): string | undefined {
  return event.aggregate === 'tag' ? (event as TagEvent).data.tag : undefined;
}

function evolveTagRow(row: TagRow | undefined, event: TagEvent): TagRow | undefined {
  switch (event.name) {
    case 'TagCreated':
      return {
        name: event.data.tag,
        suite: event.data.suite,
        createdAt: event.recordedAt,
        builds: 0,
        published: null,
      };
    case 'PackageTagged':
      return row && { ...row, builds: row.builds + 1 };
    case 'RepositoryPublished':
      return (
        row && {
          ...row,
          published: {
            sequence: event.sequence,
            at: event.recordedAt,
            through: event.data.through,
            packages: event.data.packages,
            keyFingerprint: event.data.keyFingerprint,
          },
        }
      );
  }
}

function debKey(event: Logged<typeof DebProduced>): string {
  return `${event.aggregateId}/${event.data.attempt}/${event.data.filename}`;
}

function debRow(event: Logged<typeof DebProduced>): DebRow {
  const { attempt, sha256, version, architecture, filename, size, control } = event.data;
  return {
    key: debKey(event),
    build: event.aggregateId,
    attempt,
    sha256,
    package: event.data.package,
    version,
    architecture,
    filename,
    size,
    control,
  };
}

function runnerRow(event: Logged<typeof RunnerRegistered>): RunnerRow {
  const { name, architectures, slots, tools } = event.data;
  return { id: event.aggregateId, name, architectures, slots, tools, registeredAt: event.recordedAt };
}
