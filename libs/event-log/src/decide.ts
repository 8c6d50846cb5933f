import type { Aggregate, LoggedEvent, NewEvent } from '@tumbi/contracts';
import { type Append, type Appended, type Cause, Conflict, type EventLog, idOf } from './event-log.js';

/** A decision is pure: what has happened, and what is wanted, make what happens next. */
export interface Decider<State, Event extends LoggedEvent, Command> {
  readonly aggregate: Aggregate;
  readonly initial: State;
  evolve(state: State, event: Event): State;
  /** The events to add; none when nothing is left to do. Throws {@link Refused} for what may not be done. */
  decide(state: State, command: Command): readonly (NewEvent & { readonly step?: string })[];
}

/** A command that the history does not allow, with one sentence for the person who gave it. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/**
 * Reads an aggregate, decides, and appends what was decided; when another writer was first, reads and decides
 * again. What the cause has added already, at whatever time, is not added again.
 * @returns the state decided on, and where each decided event stands
 */
export async function decide<State, Event extends LoggedEvent, Command>(
  log: EventLog,
  decider: Decider<State, Event, Command>,
  aggregateId: string,
  command: Command,
  cause: Cause,
): Promise<{ state: State; appended: Appended[] }> {
  const { aggregate } = decider;
  for (;;) {
    const history = (await log.load(aggregate, aggregateId)) as Event[];
    const state = history.reduce((folded, event) => decider.evolve(folded, event), decider.initial);
    const known = new Map(history.map(event => [event.id, event.sequence]));
    const earlier: Appended[] = [];
    const events: Append['events'][number][] = [];
    for (const event of decider.decide(state, command)) {
      const id = idOf(event, aggregateId, cause);
      const sequence = known.get(id);
      if (sequence === undefined) events.push(event);
      else earlier.push({ id, sequence, repeated: true });
    }
    try {
      const expected = history.at(-1)?.sequence ?? 0;
      const appended = await log.append({ aggregate, aggregateId, expected, events, cause });
      return { state, appended: [...earlier, ...appended] };
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
  }
}

/** An event as the cause of what follows from it. */
export function causedBy(event: LoggedEvent, actor: string): Cause {
  return { id: event.id, correlationId: event.correlationId, actor, isEvent: true };
}
