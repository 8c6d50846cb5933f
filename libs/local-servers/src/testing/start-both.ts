/**
 * Starts both servers in the folder that is its argument, makes a database, prints their process ids and URLs as
 * one line of JSON and waits to be ended.
 */
import { startNats } from '../nats.js';
import { startPostgres } from '../postgres.js';

const folder = process.argv[2] ?? '';
const nats = await startNats({ dir: `${folder}/nats`, port: 0 });
const postgres = await startPostgres({ dir: `${folder}/postgres`, port: 0, fsync: false });
const database = await postgres.createDatabase('kept');
process.once('SIGTERM', async () => {
  await Promise.all([nats.stop(), postgres.stop()]);
});
console.log(JSON.stringify({ pids: [nats.pid, postgres.pid], nats: nats.url, database }));
