import type { Build } from '@tumbi/api-client';
import { findBuild } from '../build-id.js';
import { durationOf, failureOf, filesOf, sourceOf, stateCell } from '../build-view.js';
import { BUILD_POSITIONAL, command, JSON_OPTION } from '../command.js';
import { EXIT } from '../exit-status.js';
import { formatDuration, formatSize, formatTime, secondsBetween } from '../format.js';
import { facts } from '../terminal/facts.js';

export const show = command({
  name: 'show',
  takes: '<build>',
  summary: 'Show all about a build',
  positionals: { build: BUILD_POSITIONAL },
  options: { json: JSON_OPTION },
  examples: [
    ['last', 'the build that was asked for last'],
    ['01a1fd13-beba --json', 'all that the server knows'],
  ],
  async run({ build: given, json }, { client, output, signal }) {
    const server = await client();
    const build = await server.getBuild(await findBuild(server, given, signal), { signal });
    if (json) {
      await output.json(build);
      return EXIT.ok;
    }
    for (const line of facts(about(build))) await output.line(line);
    if (build.attempts.length) {
      await output.line();
      await output.table(['ATTEMPT', 'OUTCOME', 'RUNNER', 'TOOK', 'LOG'], attempts(build), ['RUNNER', 'LOG']);
    }
    const files = filesOf(build);
    if (files.length) {
      await output.line();
      await output.table(
        ['FILE', 'SIZE', 'SHA256'],
        files.map(file => [file.name, formatSize(file.size), file.sha256]),
        ['SHA256'],
      );
    }
    return EXIT.ok;
  },
});

function about(build: Build) {
  const { request } = build;
  const from =
    request.kind === 'upload' ? `${request.dsc}, uploaded` : `${request.suite ?? build.suite} of the archive`;
  return [
    ['Build', build.id],
    ['Source', `${sourceOf(build)} (${from})`],
    ['For', `${build.suite}, ${build.architecture}, tag ${build.tag}`],
    ['State', stateCell(build.state)],
    ['Why', failureOf(build)],
    ['Requested', `${formatTime(build.requestedAt)} by ${build.requestedBy}`],
    ['Started', build.startedAt && formatTime(build.startedAt)],
    [
      'Finished',
      build.finishedAt && [formatTime(build.finishedAt), durationOf(build)].filter(Boolean).join(', after '),
    ],
    ['Time limit', formatDuration(build.timeLimit)],
  ] as const;
}

function attempts(build: Build) {
  return build.attempts.map(one => {
    const seconds = secondsBetween(one.startedAt, one.finishedAt);
    return [
      String(one.attempt),
      one.outcome ?? 'running',
      one.runner ?? '',
      seconds === undefined ? '' : formatDuration(seconds),
      one.log ? `${one.log.lines} lines, ${formatSize(one.log.size)}` : '',
    ];
  });
}
