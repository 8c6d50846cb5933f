/**
 * One field of a control paragraph (Debian Policy 5.1). A value of several lines keeps its `\n`s and the
 * space that each continuation line begins with.
 */
export interface ControlField {
  readonly name: string;
  readonly value: string;
}
