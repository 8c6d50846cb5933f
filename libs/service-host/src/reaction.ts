import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { LoggedEvent } from '@tumbi/contracts';
import { Deliveries, type Delivery, type DeliveryOptions, EventLog } from '@tumbi/event-log';

/**
 * What a service does about an event: a subclass names its durable consumer and events, and acts on one at a
 * time. It must bear being called again for the same event.
 */
@Injectable()
export abstract class Reaction<Event extends LoggedEvent>
  implements OnApplicationBootstrap, BeforeApplicationShutdown
{
  @Inject(EventLog) protected readonly log!: EventLog;
  protected readonly logger = new Logger(this.constructor.name);
  #deliveries: Deliveries | undefined;

  protected abstract readonly delivery: Omit<DeliveryOptions, 'handle' | 'onError'>;

  abstract handle(event: Event, delivery: Delivery): Promise<void>;

  async onApplicationBootstrap(): Promise<void> {
    this.#deliveries = new Deliveries(this.log, {
      ...this.delivery,
      handle: (event, delivery) => this.handle(event as Event, delivery),
      onError: (error, event) =>
        this.logger.error({
          message: `${event?.name ?? 'A delivery'} failed`,
          id: event?.id,
          error: String(error),
        }),
    });
    await this.#deliveries.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#deliveries?.stop();
  }
}
