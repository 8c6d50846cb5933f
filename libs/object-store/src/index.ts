import type { ObjectStore } from './object-store.js';

export * from './errors.js';
export * from './object-store.js';

/** Opens (and makes, when absent) a store in a folder of this machine. */
export declare function openFolderStore(root: string): Promise<ObjectStore>;

/** How to reach an S3 bucket. */
export interface S3Options {
  /** `http://host:port` or `https://host[:port]`. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Where streams are kept while they are hashed; default the system's temporary folder. */
  readonly spoolDir?: string;
}

/** Opens a store in an S3 bucket, which is made when absent. */
export declare function openS3Store(options: S3Options): Promise<ObjectStore>;
