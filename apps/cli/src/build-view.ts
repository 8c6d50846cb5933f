import type { Build, BuildState, BuildSummary } from '@tumbi/api-client';
import { formatDuration, formatSize, secondsBetween } from './format.js';
import { harmlessLine } from './terminal/harmless.js';
import type { Cell } from './terminal/table.js';

const STYLES: Partial<Record<BuildState, Cell['style']>> = {
  Installed: 'green',
  Built: 'green',
  Building: 'yellow',
  'Given-Back': 'yellow',
  'Build-Attempted': 'red',
  'BD-Uninstallable': 'red',
  Failed: 'red',
  Cancelled: 'gray',
};

/** A state in its colour. */
export function stateCell(state: BuildState): Cell {
  return { text: state, style: STYLES[state] };
}

/** `hello 2.10-3`. */
export function sourceOf({ source, version }: Pick<BuildSummary, 'source' | 'version'>): string {
  return [source ?? 'unknown', version ?? ''].join(' ').trim();
}

/** How long a build took or has been running; empty before it starts. */
export function durationOf(build: Pick<BuildSummary, 'startedAt' | 'finishedAt'>): string {
  const seconds = secondsBetween(build.startedAt, build.finishedAt);
  return seconds === undefined ? '' : formatDuration(seconds);
}

/** Why a build has not succeeded; undefined where nothing failed. */
export function failureOf(build: Build): string | undefined {
  const last = build.attempts.at(-1);
  if (!last?.message || last.outcome === 'succeeded') return undefined;
  return harmlessLine(`${last.outcome}${last.stage ? `, stage ${last.stage}` : ''}: ${last.message}`);
}

/** The files that can be fetched, with their digests and sizes. */
export function filesOf(build: Build): { name: string; sha256: string; size: number }[] {
  return [
    ...build.debs.map(({ filename, sha256, size }) => ({ name: filename, sha256, size })),
    ...[build.changes, build.buildinfo].flatMap(file => (file ? [file] : [])),
    ...(build.inputs ? [{ ...build.inputs, name: 'inputs.json' }] : []),
  ];
}

/** The lines that tell how a build ended. */
export function resultLines(build: Build): string[] {
  const took = durationOf(build);
  const head = `${sourceOf(build)} for ${build.suite}: ${build.state}${took ? ` after ${took}` : ''}`;
  const failure = failureOf(build);
  const width = Math.max(0, ...build.debs.map(deb => deb.filename.length));
  return [
    harmlessLine(head),
    ...build.debs.map(deb => `  ${harmlessLine(deb.filename).padEnd(width)}  ${formatSize(deb.size)}`),
    ...(failure ? [`  ${failure}`] : []),
  ];
}
