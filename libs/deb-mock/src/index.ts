export { type BaseRootRequest, ensureBaseRoot } from './base-root.js';
export { build } from './build.js';
export { type ParsedDsc, parseDsc, readDsc } from './dsc.js';
export { type FetchSourceRequest, fetchSource } from './fetch-source.js';
export { hostArchitecture } from './host-architecture.js';
export { hostDebianMirror } from './host-mirror.js';
export { toolVersions } from './tools.js';
export * from './types.js';
