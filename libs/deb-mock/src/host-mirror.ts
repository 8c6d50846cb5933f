/** URL of the Debian mirror that this host itself uses, without a slash at its end. */
export function hostDebianMirror(): string {
  return process.env.TUMBI_MIRROR || 'http://deb.debian.org/debian';
}
