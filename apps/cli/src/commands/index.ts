import type { Command } from '../command.js';
import { build } from './build.js';
import { builds } from './builds.js';
import { cancel } from './cancel.js';
import { completion } from './completion.js';
import { deadLetters } from './dead-letters.js';
import { events } from './events.js';
import { get } from './get.js';
import { log } from './log.js';
import { runners } from './runners.js';
import { show } from './show.js';
import { tags } from './tags.js';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  build,
  builds,
  show,
  log,
  cancel,
  get,
  events,
  tags,
  runners,
  deadLetters,
  completion,
];
