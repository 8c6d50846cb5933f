import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Producer } from '@tumbi/contracts';
import { connectNats, EventLog, type NatsAddress } from '@tumbi/event-log';
import type { ObjectStore } from '@tumbi/object-store';
import { openStore } from './store.js';

/** Injection token of the {@link ObjectStore}. */
export const OBJECT_STORE = Symbol('ObjectStore');

/** What every service stands on: the log as itself, and the object store where it uses one. */
@Global()
@Module({})
export class HostModule implements OnApplicationShutdown {
  constructor(@Inject(EventLog) private readonly log: EventLog) {}

  static for(producer: Producer, nats: NatsAddress, store?: string): DynamicModule {
    const log = {
      provide: EventLog,
      useFactory: async () => EventLog.open(await connectNats(nats, `tumbi-${producer}`), { producer }),
    };
    const objects = store
      ? [{ provide: OBJECT_STORE, useFactory: (): Promise<ObjectStore> => openStore(store) }]
      : [];
    return {
      module: HostModule,
      providers: [log, ...objects],
      exports: [EventLog, ...objects.map(o => o.provide)],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.log.connection.close();
  }
}
