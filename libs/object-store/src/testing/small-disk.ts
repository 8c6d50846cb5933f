/**
 * The start of a command line that mounts a tmpfs of this size at `folder` in a mount namespace of its own, as root or
 * not, and runs the rest of the line there.
 */
export function onSmallDisk(folder: string, megabytes: number): string[] {
  const namespaces = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  const script = 'mount -t tmpfs -o "size=$1m" tmpfs "$2" && shift 2 && exec "$@"';
  return ['unshare', ...namespaces, 'sh', '-c', script, 'sh', String(megabytes), folder];
}
