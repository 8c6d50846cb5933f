import { setTimeout } from 'node:timers/promises';
import { BuildRequested } from '@tumbi/contracts';
import { connectNats } from '../connection.js';
import { Deliveries } from '../deliveries.js';
import { EventLog } from '../event-log.js';

/**
 * A process that takes an event, says its id on standard output and then works on it for ever.
 *
 * Arguments: NATS URL, durable, lease in milliseconds.
 */
const [url = '', durable = '', lease] = process.argv.slice(2);

const log = await EventLog.open(await connectNats({ url }, 'worker'), { producer: 'mock-runner' });
const deliveries = new Deliveries(log, {
  durable,
  events: [BuildRequested],
  leaseTime: Number(lease),
  async handle(event) {
    console.log(event.aggregateId);
    await setTimeout(2 ** 30);
  },
});
await deliveries.start();
