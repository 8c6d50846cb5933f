import { Inject, Injectable } from '@nestjs/common';
import type { BuildEvent, DebProduced, Logged } from '@tumbi/contracts';
import { EventLog } from '@tumbi/event-log';

export interface Built {
  /** The architecture that the build was asked for, also where all of its .debs are for `all`. */
  readonly architecture: string;
  readonly debs: readonly Logged<typeof DebProduced>['data'][];
}

/** The .debs of builds that succeeded; they never change, so that each build is read once. */
@Injectable()
export class BuiltDebs {
  readonly #known = new Map<string, Built>();

  constructor(@Inject(EventLog) private readonly log: EventLog) {}

  /** The .debs that the build's BuildSucceeded names. */
  async of(buildId: string): Promise<Built> {
    const known = this.#known.get(buildId);
    if (known) return known;
    const history = (await this.log.load('build', buildId)) as BuildEvent[];
    const succeeded = history.find(event => event.name === 'BuildSucceeded');
    const request = history.find(event => event.name === 'BuildRequested');
    if (!succeeded || !request) throw new Error(`Build ${buildId} is tagged and has not succeeded.`);
    const debs = history
      .filter(event => event.name === 'DebProduced')
      .map(event => event.data)
      .filter(deb => deb.attempt === succeeded.data.attempt && succeeded.data.debs.includes(deb.sha256));
    const built = { architecture: request.data.architecture, debs };
    this.#known.set(buildId, built);
    return built;
  }
}
