import { InvalidPackage } from './errors.js';

/**
 * One field of a control paragraph (Debian Policy 5.1). A value of several lines keeps its `\n`s and the
 * space that each continuation line begins with.
 */
export interface ControlField {
  readonly name: string;
  readonly value: string;
}

const FIELD_NAME = /^[!"$-,./-9;-~][!-9;-~]*$/;
// Everything that some parser takes for the end of a line, and other control characters but the tab.
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f\u0085\u2028\u2029]/;
// A blank continuation line ends the paragraph for some parsers; Policy 5.1 writes it " .".
const CONTINUATION = /^[ \t].*[^ \t]/;

/**
 * Parses a control file of exactly one paragraph. Throws `InvalidPackage` for anything that Policy 5.1 forbids, two
 * fields of one name, and a second paragraph.
 */
export function parseControl(text: string): ControlField[] {
  const fields: { name: string; value: string }[] = [];
  for (const line of text.replace(/\n+$/, '').split('\n')) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      last.value += `\n${line}`;
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1) throw new InvalidPackage(`The control data has a line that is no field: ${quote(line)}.`);
    fields.push({ name: line.slice(0, colon), value: line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '') });
  }
  for (const field of fields) checkField(field);
  checkUnique(fields);
  return fields;
}

/** The value of a field by its name, whose case does not matter. */
export function fieldValue(fields: readonly ControlField[], name: string): string | undefined {
  return fields.find(field => field.name.toLowerCase() === name.toLowerCase())?.value;
}

/**
 * A paragraph as text, ending in a newline. Throws `InvalidPackage` for a field that would end the paragraph or make
 * another field, whoever made it.
 */
export function formatControl(fields: readonly ControlField[]): string {
  checkUnique(fields);
  return fields.map(formatField).join('');
}

function formatField(field: ControlField): string {
  checkField(field);
  const separator = field.value === '' || field.value.startsWith('\n') ? ':' : ': ';
  return `${field.name}${separator}${field.value}\n`;
}

function checkField({ name, value }: ControlField): void {
  if (!FIELD_NAME.test(name)) throw new InvalidPackage(`${quote(name)} cannot be a control field's name.`);
  const [, ...continuations] = value.split('\n');
  if (UNSAFE.test(value) || !continuations.every(line => CONTINUATION.test(line))) {
    throw new InvalidPackage(
      `The control field ${name} holds a blank or unindented line, or a control character: ${quote(value)}.`,
    );
  }
}

function checkUnique(fields: readonly ControlField[]): void {
  const seen = new Set<string>();
  for (const { name } of fields) {
    const key = name.toLowerCase();
    if (seen.has(key)) throw new InvalidPackage(`The control data has the field ${name} twice.`);
    seen.add(key);
  }
}

function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
