import { isDeepStrictEqual } from 'node:util';
import {
  BuildCancelled,
  type BuildEvent,
  type BuildLifecycle,
  BuildRequested,
  evolveBuild,
  isFinal,
  type Logged,
  newBuild,
  newEvent,
} from '@tumbi/contracts';
import { type Decider, Refused } from '@tumbi/event-log';

type Request = Logged<typeof BuildRequested>['data'];

interface Requested extends BuildLifecycle {
  readonly request: Request | undefined;
}

export type RequestCommand =
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'cancel'; readonly reason: string };

/** What people ask of a build. A request that comes twice under one id is one request. */
export const request: Decider<Requested, BuildEvent, RequestCommand> = {
  aggregate: 'build',
  initial: { ...newBuild, request: undefined },
  evolve: (state, event) => ({
    ...evolveBuild(state, event),
    request: event.name === 'BuildRequested' ? event.data : state.request,
  }),
  decide(state, command) {
    switch (command.kind) {
      case 'request':
        if (!state.request) return [newEvent(BuildRequested, command.request)];
        if (isDeepStrictEqual(state.request, command.request)) return [];
        throw new Refused(
          'A different build was requested under this id already; leave the id out or make a new one.',
        );
      case 'cancel':
        if (state.state === 'Cancelled') return [];
        if (isFinal(state.state))
          throw new Refused(`The build has ended already (${state.state}); there is nothing to cancel.`);
        return [newEvent(BuildCancelled, { reason: command.reason })];
    }
  },
};
