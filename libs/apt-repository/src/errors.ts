/** A .deb, control data or a suite that breaks Debian's rules; the message says which, and how. */
export class InvalidPackage extends Error {
  readonly code = 'INVALID_PACKAGE';

  constructor(message: string) {
    super(message);
    this.name = 'InvalidPackage';
  }
}
