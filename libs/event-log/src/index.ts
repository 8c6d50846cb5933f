export * from './build-output.js';
export * from './connection.js';
export * from './dead-letters.js';
export * from './decide.js';
export * from './deliveries.js';
export {
  type Append,
  type Appended,
  type Cause,
  Conflict,
  EventLog,
  type EventLogOptions,
  type StoredEvent,
} from './event-log.js';
export { isOutage } from './outage.js';
export * from './permissions.js';
export { foldRows, type Projection } from './projections/projection.js';
export { Projector, type ProjectorOptions } from './projections/projector.js';
export { ensureStreams } from './streams.js';
