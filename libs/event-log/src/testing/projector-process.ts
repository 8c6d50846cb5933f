import { connectNats } from '../connection.js';
import { EventLog } from '../event-log.js';
import { Projector } from '../projections/projector.js';
import { buildsProjection } from './builds-projection.js';

/**
 * A process that projects builds until it has applied an event, and then kills itself as `kill -9` does: in the
 * middle of the transaction, or some milliseconds later. It ends by itself when it has reached the end.
 *
 * Arguments: NATS URL, PostgreSQL URL, schema, version, sequence to die at, milliseconds later (-1: in the
 * middle of the transaction), sequence to reach.
 */
const [nats = '', url = '', schema = '', version, dieAt, later, end] = process.argv.slice(2);

const die = () => process.kill(process.pid, 'SIGKILL');
const connection = await connectNats({ url: nats }, 'projector');
const log = await EventLog.open(connection, { producer: 'gateway' });
const projector = new Projector(log, {
  url,
  schema,
  batch: 250,
  projection: buildsProjection(Number(version), {
    after(events) {
      if ((events.at(-1)?.sequence ?? 0) < Number(dieAt)) return;
      if (later === '-1') die();
      setTimeout(die, Number(later));
    },
  }),
});
await projector.start();
const reached = await projector.reached(Number(end), 60_000);
await projector.stop();
await connection.close();
process.exitCode = reached ? 0 : 1;
