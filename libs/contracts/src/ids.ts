import { v5, v7 } from 'uuid';

const EVENTS = 'b6c2f2a4-3f0e-5d0e-9a55-3b1f1d1c7a01';
const TAGS = 'b6c2f2a4-3f0e-5d0e-9a55-3b1f1d1c7a02';

/** A new aggregate's id: UUIDv7 (RFC 9562), so that ids sort by time. */
export function newId(): string {
  return v7();
}

/**
 * An event's id from what caused it and which step of the reaction it is: a handler that runs twice says the
 * same ids, and the log keeps one.
 */
export function eventId(cause: string, step: string): string {
  return v5(`${cause}\n${step}`, EVENTS);
}

/** A tag's id from its name, so that two creations of one name meet in one aggregate and one loses. */
export function tagId(name: string): string {
  return v5(name, TAGS);
}
