export { type MinioOptions, type MinioServer, obtainMinio, startMinio } from './minio-server.js';
export { onSmallDisk } from './small-disk.js';
export { testCache } from './test-cache.js';
