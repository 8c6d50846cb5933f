import {
  DiscardPolicy,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import {
  BUILD_OUTPUT_PREFIX,
  BUILD_OUTPUT_STREAM,
  DEAD_LETTER_PREFIX,
  DEAD_LETTER_STREAM,
  LOG_PREFIX,
  LOG_STREAM,
} from '@tumbi/contracts';

const DAY = 24 * 60 * 60 * 1000;

const appendOnly = {
  allow_atomic: true,
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  max_age: 0,
  max_msgs: -1,
  max_bytes: -1,
  max_msgs_per_subject: -1,
  deny_delete: true,
  deny_purge: true,
  allow_rollup_hdrs: false,
  allow_direct: true,
  duplicate_window: nanos(2 * 60 * 1000),
} satisfies Partial<StreamConfig>;

/** The streams that Tumbi lives on: history and dead letters are append-only, live output is kept for a week. */
export const STREAMS: readonly (Partial<StreamConfig> & { name: string; subjects: string[] })[] = [
  { name: LOG_STREAM, subjects: [`${LOG_PREFIX}.>`], max_msg_size: 64 * 1024, ...appendOnly },
  { name: DEAD_LETTER_STREAM, subjects: [`${DEAD_LETTER_PREFIX}.>`], ...appendOnly },
  {
    name: BUILD_OUTPUT_STREAM,
    subjects: [`${BUILD_OUTPUT_PREFIX}.*`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_age: nanos(7 * DAY),
    max_bytes: 1024 * 1024 * 1024,
    allow_direct: true,
  },
];

/** What an existing stream must agree in; its size, where it has one, is the operator's to choose. */
const LASTING = [
  'subjects',
  'retention',
  'storage',
  'discard',
  'max_age',
  'max_msgs',
  'max_msgs_per_subject',
  'deny_delete',
  'deny_purge',
  'allow_rollup_hdrs',
  'allow_direct',
  'allow_atomic',
] as const;

/**
 * Creates the streams that are missing. Only the operator's user may: services find them there.
 * @throws Error when a stream exists that could forget, or lacks what readers need: it says which setting is wrong
 */
export async function ensureStreams(connection: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  for (const stream of STREAMS) {
    const existing = await findStream(manager, stream.name);
    if (!existing) {
      await manager.streams.add(stream);
      continue;
    }
    for (const setting of LASTING) {
      const wanted = String(stream[setting]);
      const found = String(existing[setting]);
      if (stream[setting] !== undefined && wanted !== found)
        throw new Error(
          `The stream ${stream.name} has ${setting} ${found} where ${wanted} is needed: ` +
            'it was made by something else; move it away or point Tumbi at another NATS account.',
        );
    }
  }
}

async function findStream(manager: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(name)).config;
  } catch (error) {
    if (error instanceof Error && error.name === 'StreamNotFoundError') return undefined;
    throw error;
  }
}
