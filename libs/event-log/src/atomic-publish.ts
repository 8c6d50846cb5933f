import type { JetStreamClient, PubAck, StreamExpectations } from '@nats-io/jetstream';
import { headers, type NatsConnection, nuid } from '@nats-io/transport-node';

/** An event as it is to be stored. */
export interface EncodedEvent {
  /** Id of the event; for a single one also the message's, by which the server knows a repetition. */
  readonly id: string;
  readonly subject: string;
  readonly bytes: Uint8Array;
}

/**
 * Publishes messages so that all are stored, next to each other, or none: several as an atomic batch (NATS ADR-50;
 * not by the client's own batches, which hide why the server refused one).
 * @returns the acknowledgement of the last message
 * @throws JetStreamApiError as the server says it
 */
export function publishTogether(
  connection: NatsConnection,
  js: JetStreamClient,
  messages: readonly EncodedEvent[],
  expect: Pick<StreamExpectations, 'lastSubjectSequence' | 'lastSubjectSequenceSubject'>,
): Promise<PubAck> {
  const last = messages.at(-1);
  if (!last) throw new RangeError('There is nothing to publish.');
  if (messages.length === 1) return js.publish(last.subject, last.bytes, { msgID: last.id, expect });
  const batch = nuid.next();
  const inBatch = (position: number) => {
    const header = headers();
    header.set('Nats-Batch-Id', batch);
    header.set('Nats-Batch-Sequence', String(position));
    return header;
  };
  for (const [i, { subject, bytes }] of messages.slice(0, -1).entries()) {
    const header = inBatch(i + 1);
    if (i === 0) {
      header.set('Nats-Expected-Last-Subject-Sequence', String(expect.lastSubjectSequence));
      header.set('Nats-Expected-Last-Subject-Sequence-Subject', expect.lastSubjectSequenceSubject);
    }
    connection.publish(subject, bytes, { headers: header });
  }
  const commit = inBatch(messages.length);
  commit.set('Nats-Batch-Commit', '1');
  return js.publish(last.subject, last.bytes, { headers: commit });
}
