import { type Envelope, envelope, MAX_EVENT_BYTES } from './envelope.js';
import {
  type Aggregate,
  eventType,
  type LoggedEvent,
  type NewEvent,
  type Producer,
} from './event-definition.js';
import { type EventRegistry, registry as tumbi } from './registry.js';
import { eventSubject, parseSubject } from './subjects.js';

/** Bytes in the log that are no event this code understands: for the dead-letter stream, never for a guess. */
export class MalformedEvent extends Error {
  override readonly name = 'MalformedEvent';
}

export interface EventContext {
  readonly id: string;
  readonly producer: Producer;
  readonly aggregate: Aggregate;
  readonly aggregateId: string;
  readonly actor: string;
  readonly correlationId: string;
  readonly causationId?: string | undefined;
  /** ISO 8601. */
  readonly time: string;
}

/**
 * The bytes and subject that an event is stored as.
 * @throws TypeError when the event is unknown, or larger than {@link MAX_EVENT_BYTES}
 */
export function encodeEvent(
  event: NewEvent,
  context: EventContext,
  registry: EventRegistry = tumbi,
): { subject: string; bytes: Uint8Array } {
  const type = eventType(event);
  const definition = registry.find(type);
  if (!definition) throw new TypeError(`${type} is not in the registry.`);
  if (definition.aggregate !== context.aggregate)
    throw new TypeError(`${type} belongs to a ${definition.aggregate}, not to a ${context.aggregate}.`);
  const body: Envelope = {
    specversion: '1.0',
    id: context.id,
    source: `/tumbi/${context.producer}`,
    type,
    subject: `${context.aggregate}/${context.aggregateId}`,
    time: context.time,
    datacontenttype: 'application/json',
    dataschema: `urn:tumbi:schema:${event.name}:v${event.version}`,
    correlationid: context.correlationId,
    ...(context.causationId ? { causationid: context.causationId } : {}),
    actor: context.actor,
    data: definition.data.parse(event.data),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(envelope.parse(body)));
  if (bytes.length > MAX_EVENT_BYTES)
    throw new TypeError(
      `${type} would be ${bytes.length} bytes; an event has at most ${MAX_EVENT_BYTES}: store what is large as a blob and name its sha256.`,
    );
  return { subject: eventSubject(context.aggregate, context.aggregateId, event), bytes };
}

/**
 * An event from its stored bytes, its data taken to the newest version.
 * @throws MalformedEvent with one sentence when the bytes are not an event of this registry
 */
export function decodeEvent(
  stored: { subject: string; bytes: Uint8Array; sequence: number; recordedAt: string },
  registry: EventRegistry = tumbi,
): LoggedEvent {
  const at = `The message at ${stored.sequence} (${stored.subject})`;
  const place = parseSubject(stored.subject);
  if (!place) throw new MalformedEvent(`${at} is not on a subject of the log.`);
  const body = parseEnvelope(stored.bytes, at);
  const definition = registry.find(body.type);
  if (!definition) throw new MalformedEvent(`${at} is a ${body.type}, which this version does not know.`);
  if (body.type !== eventType(place) || body.subject !== `${place.aggregate}/${place.id}`)
    throw new MalformedEvent(
      `${at} says it is ${body.type} of ${body.subject}, which is not where it stands.`,
    );
  if (definition.aggregate !== place.aggregate)
    throw new MalformedEvent(
      `${at} stands under ${place.aggregate}; ${body.type} belongs to a ${definition.aggregate}.`,
    );
  let data: unknown;
  try {
    data = registry.upcast(definition, body.data);
  } catch (error) {
    throw new MalformedEvent(`${at} has data that ${body.type} does not allow: ${reason(error)}.`);
  }
  return {
    name: definition.name,
    data,
    id: body.id,
    aggregate: place.aggregate,
    aggregateId: place.id,
    time: body.time,
    actor: body.actor,
    correlationId: body.correlationid,
    causationId: body.causationid,
    sequence: stored.sequence,
    recordedAt: stored.recordedAt,
  };
}

function parseEnvelope(bytes: Uint8Array, at: string): Envelope {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new MalformedEvent(`${at} is not JSON in UTF-8.`);
  }
  const parsed = envelope.safeParse(json);
  if (!parsed.success)
    throw new MalformedEvent(`${at} is not a CloudEvent of Tumbi: ${reason(parsed.error)}.`);
  return parsed.data;
}

/** The first of a schema's complaints, with its place. */
function reason(error: unknown): string {
  const issue = (error as { issues?: { path: PropertyKey[]; message: string }[] }).issues?.[0];
  if (!issue) return error instanceof Error ? error.message : String(error);
  return issue.path.length ? `${issue.path.join('.')}: ${issue.message}` : issue.message;
}
