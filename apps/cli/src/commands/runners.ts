import { command, JSON_OPTION } from '../command.js';
import { EXIT } from '../exit-status.js';
import { formatAge } from '../format.js';

export const runners = command({
  name: 'runners',
  summary: 'List the runners that have registered',
  options: { json: JSON_OPTION },
  examples: [],
  async run({ json }, { client, output, progress, signal }) {
    const { runners: found } = await (await client()).listRunners({ signal });
    if (json) await output.json({ runners: found });
    else if (found.length === 0) progress.line('No runner has registered yet.');
    else
      await output.table(
        ['RUNNER', 'ARCHITECTURES', 'SLOTS', 'REGISTERED', 'TOOLS'],
        found.map(runner => [
          runner.name,
          runner.architectures.join(', '),
          String(runner.slots),
          formatAge(runner.registeredAt),
          Object.entries(runner.tools)
            .map(([tool, version]) => `${tool} ${version}`)
            .join(', '),
        ]),
        ['TOOLS', 'RUNNER'],
      );
    return EXIT.ok;
  },
});
