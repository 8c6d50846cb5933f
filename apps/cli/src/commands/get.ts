import { resolve } from 'node:path';
import { findBuild } from '../build-id.js';
import { filesOf } from '../build-view.js';
import { BUILD_POSITIONAL, command, JSON_OPTION } from '../command.js';
import { download } from '../download.js';
import { CommandError } from '../errors.js';
import { EXIT } from '../exit-status.js';
import { formatSize } from '../format.js';

export const get = command({
  name: 'get',
  takes: '<build> [file..]',
  summary: 'Download what a build made, verified by SHA-256',
  positionals: {
    build: BUILD_POSITIONAL,
    file: {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'Which files; `tumbi show` lists them  [default: all but inputs.json]',
    },
  },
  options: {
    dir: { type: 'string', requiresArg: true, default: '.', describe: 'The folder to put them in' },
    json: JSON_OPTION,
  },
  examples: [
    ['last', 'the .debs, .changes and .buildinfo of the newest build'],
    ['last inputs.json --dir /tmp', 'what it was built from'],
  ],
  async run({ build: given, file: names, dir, json }, { client, output, progress, signal }) {
    const server = await client();
    const id = await findBuild(server, given, signal);
    const build = await server.getBuild(id, { signal });
    const offered = filesOf(build);
    const unknown = names.find(name => !offered.some(file => file.name === name));
    if (unknown !== undefined || offered.length === 0)
      throw new CommandError(
        offered.length === 0
          ? `Build ${id} has no files (it is ${build.state}).`
          : `Build ${id} has no file ${JSON.stringify(unknown)}; it has ${offered.map(file => file.name).join(', ')}.`,
        EXIT.error,
      );
    const wanted = offered.filter(file =>
      names.length ? names.includes(file.name) : file.name !== 'inputs.json',
    );
    const got: { path: string; sha256: string; size: number }[] = [];
    for (const file of wanted) {
      const path = resolve(dir, file.name);
      await progress.during(`Downloading ${file.name} (${formatSize(file.size)})`, () =>
        download(() => server.getBuildFile(id, file.name, { signal }), path, file.sha256),
      );
      got.push({ path, sha256: file.sha256, size: file.size });
      if (!json) await output.line(path);
    }
    if (json) await output.json({ files: got });
    return EXIT.ok;
  },
});
