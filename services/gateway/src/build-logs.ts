import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { Inject, Injectable, NotFoundException } from '@nestjs/common';
import { isFinal } from '@tumbi/contracts';
import { EventLog, type Output, readOutput } from '@tumbi/event-log';
import type { ObjectStore } from '@tumbi/object-store';
import { OBJECT_STORE } from '@tumbi/service-host';
import { Builds } from './builds.js';
import type { ServerEvent } from './http/sse.js';
import type { BuildRow } from './read-models/hub.entities.js';

/** How often, in milliseconds, a followed build is looked at for its end. */
const LOOK = 250;
/** Lines of a stored log that go into one event. */
const LINES = 200;

/** A place in a build's output: after line `line` of attempt `attempt`. */
interface Place {
  attempt: number;
  line: number;
}

/** The logs of builds, live and stored. */
@Injectable()
export class BuildLogs {
  constructor(
    @Inject(EventLog) private readonly log: EventLog,
    @Inject(Builds) private readonly builds: Builds,
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
  ) {}

  /** The stored log of an attempt, the last one unless told otherwise. */
  async stored(id: string, attempt?: number) {
    const row = await this.builds.row(id);
    const found = row.attempts.findLast(one => one.log && (attempt === undefined || one.attempt === attempt));
    if (found?.log) return found.log;
    throw new NotFoundException(
      isFinal(row.lifecycle.state)
        ? `Build ${id} has no log: ${row.attempts.at(-1)?.message ?? `it was never built (${row.state})`}.`
        : `Build ${id} has not ended, so its log is not stored yet; follow it with \`tumbi log -f\`.`,
    );
  }

  /**
   * The output from a place on until the build has ended, then what of the stored logs was not sent live, and the
   * end. Ids are `ATTEMPT-LINE`, the same live and stored, so that a client may resume at any time.
   */
  async *follow(id: string, after: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    const place = parsePlace(after);
    const row = await this.builds.row(id);
    if (!isFinal(row.lifecycle.state)) yield* this.#live(id, place, signal);
    if (signal.aborted) return;
    const ended = await this.builds.row(id);
    for (const { attempt, log } of ended.attempts) if (log) yield* this.#rest(attempt, log.sha256, place);
    yield { event: 'end', data: end(ended) };
  }

  async *#live(id: string, place: Place, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    const ended = new AbortController();
    const either = AbortSignal.any([ended.signal, signal]);
    const watching = this.#watchForEnd(id, ended, either);
    for await (const output of readOutput(this.log.connection, id, either)) {
      const event = cut(output, place);
      if (event) yield event;
    }
    await watching;
  }

  /** Ends the live part a little after the build, when its last lines have been sent. */
  async #watchForEnd(id: string, ended: AbortController, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const row = await this.builds.row(id).catch(() => undefined);
      await setTimeout(LOOK, undefined, { signal }).catch(() => undefined);
      if (row && isFinal(row.lifecycle.state)) ended.abort();
    }
  }

  async *#rest(attempt: number, sha256: string, place: Place): AsyncGenerator<ServerEvent> {
    if (attempt < place.attempt) return;
    let first = 1;
    let lines: string[] = [];
    for await (const line of createInterface({ input: await this.store.get(sha256), crlfDelay: 0 })) {
      lines.push(line);
      if (lines.length < LINES) continue;
      const event = cut({ attempt, first, lines }, place);
      if (event) yield event;
      first += lines.length;
      lines = [];
    }
    const event = lines.length ? cut({ attempt, first, lines }, place) : undefined;
    if (event) yield event;
  }
}

function parsePlace(id: string): Place {
  const [, attempt, line] = /^(\d{1,6})-(\d{1,12})$/.exec(id) ?? [];
  return { attempt: Number(attempt ?? 0), line: Number(line ?? 0) };
}

/** What of an output lies behind a place, which moves on to its end. */
function cut(output: Output, place: Place): ServerEvent | undefined {
  if ('note' in output) return { event: 'note', data: output };
  const { attempt, first, lines } = output;
  if (attempt < place.attempt) return undefined;
  const seen = attempt === place.attempt ? Math.max(0, place.line - first + 1) : 0;
  if (seen >= lines.length) return undefined;
  place.attempt = attempt;
  place.line = first + lines.length - 1;
  return {
    id: `${attempt}-${place.line}`,
    event: 'log',
    data: { attempt, first: first + seen, lines: lines.slice(seen) },
  };
}

function end(row: BuildRow) {
  return { state: row.state, message: row.attempts.at(-1)?.message ?? null };
}
