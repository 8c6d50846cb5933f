import { type ObjectStore, openFolderStore, openS3Store } from '@tumbi/object-store';

/**
 * Opens the store that a setting names: a folder, or `s3://ACCESS:SECRET@HOST:PORT/BUCKET` (`s3s://` over TLS).
 * @throws TypeError when it is an S3 location with a part missing
 */
export function openStore(location: string): Promise<ObjectStore> {
  const match = /^(s3s?):\/\//.exec(location);
  if (!match) return openFolderStore(location);
  const url = new URL(location.replace(/^s3s?:/, 'http:'));
  const bucket = url.pathname.slice(1);
  if (!url.username || !url.password || !bucket)
    throw new TypeError(
      'An S3 store is given as s3://ACCESS:SECRET@HOST:PORT/BUCKET; a part of it is missing.',
    );
  return openS3Store({
    endpoint: `${match[1] === 's3s' ? 'https' : 'http'}://${url.host}`,
    bucket,
    accessKey: decodeURIComponent(url.username),
    secretKey: decodeURIComponent(url.password),
  });
}
