import type { EventContext } from '../codec.js';
import type { Aggregate, Producer } from '../event-definition.js';
import { newId } from '../ids.js';

/** An event's context for tests; whatever is not given is somebody's at some time. */
export function aContext(of: Partial<EventContext> & { aggregate: Aggregate }): EventContext {
  const producer: Producer = of.producer ?? 'gateway';
  return {
    id: newId(),
    aggregateId: newId(),
    actor: 'token:test',
    correlationId: newId(),
    time: '2026-11-21T07:00:00.000Z',
    ...of,
    producer,
  };
}
