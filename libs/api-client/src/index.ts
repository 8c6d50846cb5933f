export * from './api.generated.js';
export { connect, type LocalFile, TumbiClient } from './client.js';
export { type Address, discover } from './discovery.js';
export { ApiError, InvalidAddress, Unreachable } from './errors.js';
export { type HttpOptions, HttpTransport } from './http-transport.js';
export type { ByteSource, Call, CallOptions, ServerEvent, Transport } from './transport.js';
