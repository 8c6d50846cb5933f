import {
  BUILD_OUTPUT_PREFIX,
  BUILD_OUTPUT_STREAM,
  DEAD_LETTER_PREFIX,
  DEAD_LETTER_STREAM,
  type EventRegistry,
  eventPattern,
  LOG_STREAM,
  PRODUCERS,
  type Producer,
  registry as tumbi,
} from '@tumbi/contracts';
import { STREAMS } from './streams.js';

/** What a NATS user may do, in the words of the server's configuration. */
export interface Permissions {
  readonly publish: { readonly allow: readonly string[] };
  readonly subscribe: { readonly allow: readonly string[] };
}

export interface ServiceUser {
  /** The service's name, or `operator`. */
  readonly name: string;
  readonly password: string;
  readonly permissions: Permissions;
}

/** The user that creates the streams; it may neither change nor delete them, and reads nothing. */
export const OPERATOR = 'operator';

/**
 * The NATS users of an installation: one for each service, and the operator.
 * @param passwords one for each producer and for `operator`
 */
export function serviceUsers(passwords: Readonly<Record<Producer | typeof OPERATOR, string>>): ServiceUser[] {
  return [
    { name: OPERATOR, password: passwords[OPERATOR], permissions: operatorPermissions() },
    ...PRODUCERS.map(name => ({ name, password: passwords[name], permissions: natsPermissions(name) })),
  ];
}

/**
 * What a service's user may do: add the events that name it as a producer, read the log, take work from it, and
 * set dead letters aside. Nothing here changes, purges or deletes a stream, a message or a consumer; what is not
 * allowed is refused (docs.nats.io, Authorization).
 *
 * One way round it remains: the server answers a request wherever its sender wants the reply, and NATS checks no
 * permission for that. A service can so put an answer of the server, such as a stream's description, on another
 * one's subject. It is no event, and readers set it aside; the history of that aggregate can't be loaded any more.
 */
export function natsPermissions(service: Producer, registry: EventRegistry = tumbi): Permissions {
  const own = registry.definitions.filter(definition => definition.producers.includes(service));
  return {
    publish: {
      allow: [
        ...own.map(eventPattern),
        `${DEAD_LETTER_PREFIX}.${service}.>`,
        ...reading(LOG_STREAM),
        `$JS.API.CONSUMER.DURABLE.CREATE.${LOG_STREAM}.*`,
        // Both forms of the reply subject that a delivery is acknowledged on (NATS ADR-15).
        `$JS.ACK.${LOG_STREAM}.>`,
        `$JS.ACK.*.*.${LOG_STREAM}.>`,
        ...(service === 'mock-runner' ? [`${BUILD_OUTPUT_PREFIX}.*`] : []),
        ...(service === 'gateway' ? [...reading(BUILD_OUTPUT_STREAM), ...reading(DEAD_LETTER_STREAM)] : []),
      ],
    },
    subscribe: { allow: [`${inboxPrefix(service)}.>`] },
  };
}

function operatorPermissions(): Permissions {
  return {
    publish: {
      allow: STREAMS.flatMap(({ name }) => [`$JS.API.STREAM.CREATE.${name}`, `$JS.API.STREAM.INFO.${name}`]),
    },
    subscribe: { allow: [`${inboxPrefix(OPERATOR)}.>`] },
  };
}

/** The requests that ordered consumers and direct reads of a stream make. */
function reading(stream: string): string[] {
  return [
    `$JS.API.STREAM.INFO.${stream}`,
    `$JS.API.CONSUMER.CREATE.${stream}`,
    `$JS.API.CONSUMER.INFO.${stream}.*`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
    `$JS.API.DIRECT.GET.${stream}`,
  ];
}

/** Where a user's replies come in: a prefix of its own, so that no other user can listen to them. */
export function inboxPrefix(user: string): string {
  return `_INBOX.${user}`;
}
