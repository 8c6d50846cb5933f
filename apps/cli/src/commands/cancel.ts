import { findBuild } from '../build-id.js';
import { BUILD_POSITIONAL, command, JSON_OPTION } from '../command.js';
import { EXIT } from '../exit-status.js';

export const cancel = command({
  name: 'cancel',
  takes: '<build>',
  summary: 'Stop a build; nothing of it is published',
  positionals: { build: BUILD_POSITIONAL },
  options: {
    reason: { type: 'string', requiresArg: true, default: '', describe: 'Why, for the history' },
    json: JSON_OPTION,
  },
  examples: [['01a1fd13-beba --reason "wrong suite"', 'stop it and say why']],
  async run({ build, reason, json }, { client, output, signal }) {
    const server = await client();
    const cancelled = await server.cancelBuild(
      await findBuild(server, build, signal),
      { reason },
      { signal },
    );
    await (json ? output.json(cancelled) : output.line(`Build ${cancelled.id} is ${cancelled.state}.`));
    return EXIT.ok;
  },
});
