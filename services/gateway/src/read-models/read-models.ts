import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { EventLog, Projector } from '@tumbi/event-log';
import { DataSource } from 'typeorm';
import { type GatewaySettings, SETTINGS } from '../settings.js';
import { BuildRow, DebRow, RunnerRow, TagRow } from './hub.entities.js';
import { hub } from './hub.projection.js';

/** The gateway's schema in PostgreSQL. */
const SCHEMA = 'gateway';

/** The tables of the gateway, kept in step with the log. */
@Injectable()
export class ReadModels implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(ReadModels.name);
  readonly #projector: Projector;
  readonly source: DataSource;

  constructor(@Inject(EventLog) log: EventLog, @Inject(SETTINGS) settings: GatewaySettings) {
    this.source = new DataSource({
      type: 'postgres',
      url: settings.postgres,
      schema: SCHEMA,
      entities: [BuildRow, DebRow, TagRow, RunnerRow],
      poolSize: 4,
    });
    this.#projector = new Projector(log, {
      url: settings.postgres,
      schema: SCHEMA,
      projection: hub,
      onError: error => this.#logger.error({ message: 'The projection waits', error: String(error) }),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.source.initialize();
    await this.#projector.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#projector.stop();
    if (this.source.isInitialized) await this.source.destroy();
  }

  /** Waits a moment for the tables to hold an event, so that who wrote reads what it wrote. */
  async reached(sequence: number): Promise<void> {
    await this.#projector.reached(sequence, 3_000);
  }
}
