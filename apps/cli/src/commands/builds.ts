import type { BuildState, BuildSummary } from '@tumbi/api-client';
import { shortIds } from '../build-id.js';
import { durationOf, sourceOf, stateCell } from '../build-view.js';
import { command, count, JSON_OPTION } from '../command.js';
import { EXIT } from '../exit-status.js';
import { formatAge } from '../format.js';

const STATES: readonly BuildState[] = [
  'Needs-Build',
  'Building',
  'Built',
  'Installed',
  'Given-Back',
  'Build-Attempted',
  'BD-Uninstallable',
  'Failed',
  'Cancelled',
];
const HEADINGS = ['BUILD', 'SOURCE', 'SUITE', 'STATE', 'REQUESTED', 'TOOK', 'TAG'];
/** The most that the server gives at once. */
const PAGE = 500;

export const builds = command({
  name: 'builds',
  summary: 'List builds, the newest first',
  options: {
    state: { type: 'string', choices: STATES, requiresArg: true, describe: 'Only those in this state' },
    source: { type: 'string', requiresArg: true, describe: 'Only those of this source package' },
    tag: { type: 'string', requiresArg: true, describe: 'Only those for this tag' },
    limit: {
      type: 'string',
      requiresArg: true,
      default: '20',
      coerce: count('limit'),
      describe: 'How many at most',
    },
    json: JSON_OPTION,
  },
  examples: [
    ['--state Building', 'what is being built'],
    ['--source hello --json | jq .builds[0].state', 'how the last hello did'],
  ],
  async run({ state, source, tag, limit = PAGE, json }, { client, output, progress, signal }) {
    const server = await client();
    const found: BuildSummary[] = [];
    let before: string | undefined;
    do {
      const page = await server.listBuilds(
        { state, source, tag, before, limit: Math.min(PAGE, limit - found.length) },
        { signal },
      );
      found.push(...page.builds);
      before = page.next ?? undefined;
    } while (before && found.length < limit);
    if (json) await output.json({ builds: found });
    else if (found.length === 0) progress.line('There are no such builds.');
    else await output.table(HEADINGS, rows(found), ['SOURCE', 'TAG']);
    if (!json && before) progress.line(`There are more; --limit ${limit * 5} shows them.`);
    return EXIT.ok;
  },
});

function rows(found: readonly BuildSummary[]) {
  const ids = shortIds(found);
  return found.map((build, index) => [
    ids[index] ?? build.id,
    sourceOf(build),
    build.suite,
    stateCell(build.state),
    formatAge(build.requestedAt),
    durationOf(build),
    build.tag,
  ]);
}
