import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import {
  type BuildEvent,
  BuildFailed,
  type BuildRequested,
  BuildScheduled,
  BuildStarted,
  type FailureClass,
  type Logged,
  newEvent,
} from '@tumbi/contracts';
import { type BuildInputs, type BuildOutcome, build, hostArchitecture } from '@tumbi/deb-mock';
import {
  type Appended,
  type Cause,
  Conflict,
  causedBy,
  type Delivery,
  OutputWriter,
  RetryLater,
} from '@tumbi/event-log';
import type { ObjectStore } from '@tumbi/object-store';
import { OBJECT_STORE, Reaction } from '@tumbi/service-host';
import { foldBuild, take } from '../decisions/attempt.js';
import { runnerId } from '../identity.js';
import { patiently } from '../patience.js';
import { storeLog, storeResults, Unrecordable } from '../results.js';
import { type RunnerSettings, SETTINGS } from '../settings.js';
import { materialize } from '../source.js';
import { type Unwanted, watch } from '../watch.js';

/** Milliseconds after which a build that is not ours to take is offered again. */
const OTHER_ARCHITECTURE = 2_000;

/** The job of one attempt. */
interface Job {
  readonly buildId: string;
  readonly request: Logged<typeof BuildRequested>['data'];
  readonly attempt: number;
  readonly lastAttempt: boolean;
  /** Last event of the build that we have seen or added. */
  sequence: number;
  /** What the next event follows from: the BuildScheduled, then our BuildStarted. */
  cause: Cause;
}

/** Why an attempt ended badly, before it is said in an event. */
interface Ending {
  readonly class: FailureClass;
  readonly stage: string;
  readonly message: string;
  readonly log?: Awaited<ReturnType<typeof storeLog>>;
}

/** Builds what is scheduled, as long as a slot is free. */
@Injectable()
export class OnBuildScheduled extends Reaction<Logged<typeof BuildScheduled>> {
  @Inject(OBJECT_STORE) private readonly store!: ObjectStore;
  readonly #building = new Set<string>();
  #ours: Promise<string> | undefined;

  constructor(@Inject(SETTINGS) private readonly settings: RunnerSettings) {
    super();
  }

  protected get delivery() {
    return {
      durable: 'runners',
      events: [BuildScheduled],
      slots: this.settings.slots,
      leaseTime: this.settings.leaseTime,
    };
  }

  async handle(event: Logged<typeof BuildScheduled>, delivery: Delivery): Promise<void> {
    const buildId = event.aggregateId;
    if (this.#building.has(buildId)) throw new RetryLater('It is being built here.', this.settings.leaseTime);
    const history = (await this.log.load('build', buildId)) as BuildEvent[];
    const request = history.find(one => one.name === 'BuildRequested');
    if (request && request.data.architecture !== (await this.#architecture()))
      throw new RetryLater('It is for runners of another architecture.', OTHER_ARCHITECTURE);
    const taking = take(foldBuild(history), event.id);
    if (taking.kind === 'leave' || !request) return;
    const job: Job = {
      buildId,
      request: request.data,
      attempt: taking.attempt,
      lastAttempt: taking.kind === 'give-up' || taking.lastAttempt,
      sequence: history.at(-1)?.sequence ?? 0,
      cause: causedBy(event, `runner:${this.settings.name}`),
    };
    this.#building.add(buildId);
    try {
      if (taking.kind === 'give-up') await this.#fail(job, lostRunners(taking.attempt));
      else await this.#attempt(job, delivery.signal);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      this.logger.warn(`Attempt ${job.attempt} of ${buildId} is no longer wanted; what it made is dropped.`);
    } finally {
      this.#building.delete(buildId);
    }
  }

  #architecture(): Promise<string> {
    this.#ours ??= hostArchitecture();
    return this.#ours;
  }

  async #attempt(job: Job, stopping: AbortSignal): Promise<void> {
    const directory = join(this.settings.directory, 'builds', `${job.buildId}-${job.attempt}`);
    const ended = new AbortController();
    const dropped = new AbortController();
    const signal = AbortSignal.any([dropped.signal, stopping]);
    let unwanted: Unwanted | undefined;
    const watching = watch(this.log, job.buildId, {
      from: job.sequence + 1,
      signal: ended.signal,
      ours: event => 'attempt' in event.data && event.data.attempt === job.attempt,
      unwanted: why => {
        unwanted = why;
        dropped.abort(why);
      },
    });
    const output = new OutputWriter(this.log.connection, job.buildId, job.attempt);
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    try {
      const outcome = await this.#build(job, directory, output, signal);
      await output.close();
      if (unwanted) return;
      if (stopping.aborted) await this.#fail(job, STOPPED, true);
      else await this.#record(job, outcome, signal);
    } catch (error) {
      if (error instanceof Conflict || unwanted) return;
      if (stopping.aborted) return await this.#fail(job, STOPPED, true);
      this.logger.error({
        message: `Attempt ${job.attempt} of ${job.buildId} broke off`,
        error: String(error),
      });
      await this.#fail(job, brokeOff(error));
    } finally {
      ended.abort();
      await watching;
      await rm(directory, { recursive: true, force: true });
    }
  }

  async #build(
    job: Job,
    directory: string,
    output: OutputWriter,
    signal: AbortSignal,
  ): Promise<BuildOutcome> {
    const { settings } = this;
    const source = await patiently(settings.patience, signal, () =>
      materialize(job.request.source, this.store, join(directory, 'source')),
    );
    return build({
      source,
      suite: job.request.suite,
      architecture: job.request.architecture,
      ...(settings.mirror ? { mirror: settings.mirror } : {}),
      cacheDir: settings.cacheDirectory,
      resultDir: join(directory, 'result'),
      limits: { ...settings.limits, totalSeconds: job.request.timeLimit },
      signal,
      onProgress: message => output.note(message),
      onLog: lines => output.write(lines),
      onInputs: inputs => this.#start(job, inputs, signal),
    });
  }

  /** Records everything that the build will read, before it reads it. */
  async #start(job: Job, inputs: BuildInputs, signal: AbortSignal): Promise<void> {
    const manifest = await patiently(this.settings.patience, signal, () =>
      this.store.put(Buffer.from(JSON.stringify(inputs))),
    );
    const event = newEvent(BuildStarted, {
      attempt: job.attempt,
      runner: await runnerId(this.settings.directory),
      source: { ...inputs.source, files: inputs.source.files.map(file => ({ ...file })) },
      base: { key: inputs.base.key, digest: inputs.base.digest },
      inputs: manifest,
      packages: inputs.packages.length,
    });
    const started = await this.#append(job, [{ ...event, step: `BuildStarted ${job.attempt}` }]);
    job.cause = { ...job.cause, id: started.id };
  }

  async #record(job: Job, outcome: BuildOutcome, signal: AbortSignal): Promise<void> {
    if (outcome.status !== 'succeeded') {
      const failure = outcome.failure ?? {
        class: 'infrastructure',
        stage: 'build',
        message: 'The build was aborted.',
      };
      const log = await patiently(this.settings.patience, signal, () => storeLog(this.store, outcome));
      return this.#fail(job, { ...failure, log });
    }
    try {
      const results = await patiently(this.settings.patience, signal, () =>
        storeResults(this.store, job.attempt, outcome),
      );
      await this.#append(job, [...results.produced, results.succeeded]);
    } catch (error) {
      if (!(error instanceof Unrecordable)) throw error;
      await this.#fail(job, { class: 'package', stage: 'results', message: error.message });
    }
  }

  async #fail(job: Job, ending: Ending, again = false): Promise<void> {
    const event = newEvent(BuildFailed, {
      attempt: job.attempt,
      class: ending.class,
      stage: ending.stage.slice(0, 64),
      message: ending.message.slice(0, 2_000),
      willRetry: again || (ending.class === 'infrastructure' && !job.lastAttempt),
      ...(ending.log ? { log: ending.log } : {}),
    });
    await this.#append(job, [{ ...event, step: `BuildFailed ${job.attempt}` }]);
  }

  async #append(job: Job, events: Parameters<typeof this.log.append>[0]['events']): Promise<Appended> {
    const appended = await this.log.append({
      aggregate: 'build',
      aggregateId: job.buildId,
      expected: job.sequence,
      events,
      cause: job.cause,
    });
    const last = appended.at(-1);
    if (!last) throw new TypeError('There was nothing to append.');
    job.sequence = last.sequence;
    return last;
  }
}

const STOPPED: Ending = {
  class: 'infrastructure',
  stage: 'build',
  message: 'The runner was stopped while it built this.',
};

function lostRunners(attempts: number): Ending {
  return {
    class: 'infrastructure',
    stage: 'build',
    message: `The runner was lost in the middle of each of ${attempts} attempts; see what the build does to the machine.`,
  };
}

function brokeOff(error: unknown): Ending {
  return {
    class: 'infrastructure',
    stage: 'results',
    message: error instanceof Error ? error.message : String(error),
  };
}
