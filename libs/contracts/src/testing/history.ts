import type { LoggedEvent } from '../event-definition.js';

/** An event as a test tells it; the rest is filled in. */
export type Told = Pick<LoggedEvent, 'name' | 'data'> & Partial<LoggedEvent>;

/** The history of one aggregate, its events at sequences 1, 2, 3 …, with ids `event-1` and so on. */
export function history<Event extends LoggedEvent>(...events: readonly Told[]): Event[] {
  return events.map((event, i) => {
    const at = new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString();
    return {
      id: `event-${i + 1}`,
      aggregate: 'build',
      aggregateId: '0192f0c1-0000-7000-8000-000000000001',
      time: at,
      actor: 'token:test',
      correlationId: '0192f0c1-0000-7000-8000-000000000001',
      causationId: undefined,
      sequence: i + 1,
      recordedAt: at,
      ...event,
    } as Event;
  });
}
