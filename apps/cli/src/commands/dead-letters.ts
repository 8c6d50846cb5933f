import { command, JSON_OPTION } from '../command.js';
import { EXIT } from '../exit-status.js';
import { formatAge } from '../format.js';

export const deadLetters = command({
  name: 'dead-letters',
  summary: 'List messages that a service could not use and set aside',
  options: { json: JSON_OPTION },
  examples: [],
  async run({ json }, { client, output, progress, signal }) {
    const { deadLetters: found } = await (await client()).listDeadLetters({ signal });
    if (json) await output.json({ deadLetters: found });
    else if (found.length === 0) progress.line('There are none.');
    else
      await output.table(
        ['NUMBER', 'SET ASIDE', 'BY', 'EVENT', 'WHY'],
        found.map(letter => [
          String(letter.sequence),
          formatAge(letter.at),
          letter.reader,
          String(letter.source.sequence),
          letter.reason,
        ]),
        ['WHY'],
      );
    return EXIT.ok;
  },
});
