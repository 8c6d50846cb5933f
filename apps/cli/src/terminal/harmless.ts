import { stripVTControlCharacters } from 'node:util';

/**
 * Text from elsewhere that can be shown on a terminal: escape sequences are taken out, and what else would steer the
 * terminal or hide text (control characters, overrides of the writing direction) becomes visible. Tabs stay, and a
 * carriage return, which would overwrite the line, begins a new one.
 */
export function harmless(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r+$/, '')
    .replace(/\r+\n?/g, '\n')
    .replace(/[\x00-\x08\x0b-\x1f]/g, control => String.fromCodePoint(0x2400 + control.charCodeAt(0)))
    .replace(/[\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** The same for what must stay on one line. */
export function harmlessLine(text: string): string {
  return harmless(text).replace(/\s+/g, ' ').trim();
}
