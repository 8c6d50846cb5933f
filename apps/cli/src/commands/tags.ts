import { command, JSON_OPTION } from '../command.js';
import { EXIT } from '../exit-status.js';
import { formatAge } from '../format.js';
import { useCommands } from '../repository-view.js';

export const tags = command({
  name: 'tags',
  takes: '[tag]',
  summary: 'List tags, and how to use their repositories',
  positionals: { tag: { type: 'string', describe: 'Only this one' } },
  options: { json: JSON_OPTION },
  examples: [
    ['', 'all of them'],
    ['trixie', 'one of them'],
  ],
  async run({ tag: name, json }, { client, output, progress, signal }) {
    const server = await client();
    const found =
      name === undefined ? (await server.listTags({ signal })).tags : [await server.getTag(name, { signal })];
    if (json) await output.json({ tags: found });
    else if (found.length === 0)
      progress.line('There are no tags yet; the first build that succeeds makes one.');
    else {
      await output.table(
        ['TAG', 'SUITE', 'BUILDS', 'PACKAGES', 'PUBLISHED', 'REPOSITORY'],
        found.map(({ repository, ...tag }) => [
          tag.name,
          tag.suite,
          String(tag.builds),
          repository ? String(repository.packages) : '',
          repository ? formatAge(repository.publishedAt) : 'not yet',
          repository?.url ?? '',
        ]),
      );
      for (const tag of found) {
        if (!tag.repository) continue;
        await output.line(`\nTo use ${tag.name}:`);
        for (const line of useCommands(tag, tag.repository)) await output.line(`  ${line}`);
      }
    }
    return EXIT.ok;
  },
});
