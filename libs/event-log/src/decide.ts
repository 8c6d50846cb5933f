import type { Aggregate, LoggedEvent, NewEvent } from '@tumbi/contracts';
import { type Appended, type Cause, Conflict, type EventLog } from './event-log.js';

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
 * again.
 */
export async function decide<State, Event extends LoggedEvent, Command>(
  log: EventLog,
  decider: Decider<State, Event, Command>,
  aggregateId: string,
  command: Command,
  cause: Cause,
): Promise<{ state: State; appended: Appended[] }> {
  for (;;) {
    const history = (await log.load(decider.aggregate, aggregateId)) as Event[];
    const state = history.reduce((folded, event) => decider.evolve(folded, event), decider.initial);
    const events = decider.decide(state, command);
    try {
      const appended = await log.append({
        aggregate: decider.aggregate,
        aggregateId,
        expected: history.at(-1)?.sequence ?? 0,
        events,
        cause,
      });
      return { state, appended };
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
  }
}

/** An event as the cause of what follows from it. */
export function causedBy(event: LoggedEvent, actor: string): Cause {
  return { id: event.id, correlationId: event.correlationId, actor, isEvent: true };
}
