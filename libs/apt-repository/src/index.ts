export { type ControlField, fieldValue, formatControl, parseControl } from './control.js';
export { InvalidPackage } from './errors.js';
export { type PublishOptions, publishSuite } from './publish.js';
export { type DebLimits, readDeb } from './read-deb.js';
export type {
  BinaryPackage,
  Component,
  PoolFile,
  PublishedSuite,
  RepositoryFiles,
  RepositorySigner,
  SigningKey,
  Suite,
} from './repository.js';
export { createSigningKey, type KeyOwner, openSigner } from './signing.js';
export { type SourcesEntry, sourcesEntry } from './sources-entry.js';
export { digestOfPoolPath, packageStanza, poolPath } from './stanza.js';
