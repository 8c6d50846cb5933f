import type { Failure } from './types.js';

/** What apt says when a file cannot be had, and why. */
export interface FetchFailure {
  readonly url: string;
  readonly reason: string;
}

/** The first file that apt could not fetch, by its own (untranslated) output. */
export function fetchFailure(output: string): FetchFailure | undefined {
  const match = /^(?:E|W): Failed to fetch (\S+)[ \t]+(.+)$/m.exec(output);
  if (match?.[1] && match[2]) return { url: match[1], reason: match[2].trim() };
  const ignored = /^Err:\d+ (\S+).*\n[ \t]+(.+)$/m.exec(output);
  return ignored?.[1] && ignored[2] ? { url: ignored[1], reason: ignored[2].trim() } : undefined;
}

/** apt's last error line, without its prefix. */
export function lastError(output: string): string {
  const errors = [...output.matchAll(/^E: (.+)$/gm)].map(match => match[1] ?? '');
  const lines = output.trim().split('\n');
  return (errors.at(-1) ?? lines.at(-1) ?? '').replace(/\.$/, '');
}

/**
 * Why `apt-get build-dep` failed: what cannot be satisfied is the package's matter, a file that cannot be fetched or
 * a full disk is not.
 *
 * @param output both outputs of apt, untranslated, of apt 2.2 or newer
 */
export function buildDepFailure(output: string, suite: string, mirror: string): Failure {
  const stage = 'dependencies';
  const fetch = fetchFailure(output);
  if (fetch) {
    const message = `The mirror ${mirror} did not give ${fetch.url}: ${fetch.reason}.`;
    return { class: 'infrastructure', stage, message };
  }
  if (/No space left on device/.test(output)) {
    return {
      class: 'infrastructure',
      stage,
      message: 'The disk is full: the build dependencies need more space.',
    };
  }
  const reasons = unsatisfied(output);
  if (reasons.length > 0) {
    const message = `The build dependencies cannot be satisfied in ${suite}: ${reasons.join('; ')}.`;
    return { class: 'dependencies', stage, message };
  }
  const broken = /^dpkg: error processing package (\S+)/m.exec(output)?.[1];
  if (broken) {
    return {
      class: 'dependencies',
      stage,
      message: `The build dependency ${broken} cannot be installed in ${suite}.`,
    };
  }
  const message = `apt could not install the build dependencies: ${lastError(output)}.`;
  return { class: 'infrastructure', stage, message };
}

/** The unmet relations that apt lists, such as `Depends: foo (>= 2) but it is not installable`. */
function unsatisfied(output: string): string[] {
  const block = /unmet dependencies:|Unsatisfied dependencies:/.exec(output);
  if (block) {
    const lines = output.slice(block.index).split('\n').slice(1);
    const end = lines.findIndex(line => !line.startsWith(' '));
    const reasons = lines
      .slice(0, end < 0 ? undefined : end)
      .map(line =>
        line
          .replace(/^\s+builddeps:\S*\s*:\s*/, '')
          .replace(/\s+/g, ' ')
          .trim(),
      )
      .filter(line => line !== '');
    if (reasons.length > 0) return reasons;
  }
  const error = /^E: (.*(?:cannot be satisfied|Unable to satisfy|held broken packages|conflicting).*)$/m.exec(
    output,
  );
  return error?.[1] ? [error[1].replace(/\.$/, '')] : [];
}
