export { type BaseRootRequest, ensureBaseRoot } from './base-root.js';
export { build } from './build.js';
export { readDsc } from './dsc.js';
export { type FetchSourceRequest, fetchSource } from './fetch-source.js';
export { hostDebianMirror } from './host-mirror.js';
export * from './types.js';
