export { type MinioOptions, type MinioServer, obtainMinio, startMinio } from './minio-server.js';
export { testCache } from './test-cache.js';
