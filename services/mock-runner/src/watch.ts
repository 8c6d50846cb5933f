import { aggregateSubject, type BuildEvent, decodeEvent } from '@tumbi/contracts';
import type { EventLog } from '@tumbi/event-log';

/** Why a running attempt is no longer wanted. */
export type Unwanted = 'cancelled' | 'superseded';

/**
 * Follows a build from an event on, and calls back once when what others add to it ends our attempt: somebody
 * cancelled it, or it was given to another runner or ended by the scheduler. Returns when told to stop.
 * @param ours tells the events that this runner adds itself
 */
export async function watch(
  log: EventLog,
  buildId: string,
  options: {
    from: number;
    signal: AbortSignal;
    ours: (event: BuildEvent) => boolean;
    unwanted: (why: Unwanted) => void;
  },
): Promise<void> {
  const subjects = [aggregateSubject('build', buildId)];
  for await (const stored of log.read({ from: options.from, subjects, signal: options.signal })) {
    const event = decodeEvent(stored, log.registry) as BuildEvent;
    if (event.name === 'BuildCancelled') return options.unwanted('cancelled');
    const ends =
      event.name === 'BuildStarted' || event.name === 'BuildFailed' || event.name === 'BuildSucceeded';
    if (ends && !options.ours(event)) return options.unwanted('superseded');
  }
}
