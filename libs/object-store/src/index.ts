export * from './errors.js';
export { openFolderStore } from './folder-store.js';
export type {
  BlobInfo,
  BlobSource,
  BlobStore,
  ByteRange,
  NamedObjects,
  ObjectStore,
  Sha256,
} from './object-store.js';
export { openS3Store, type S3Options } from './s3-store.js';
