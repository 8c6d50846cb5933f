import { join, relative } from 'node:path';
import { findRunning, startInstallation, tumbiHome } from './installation.js';
import { Progress } from './progress.js';

/** `npm start`: everything on this machine, until Ctrl-C. */
async function main(): Promise<void> {
  const home = tumbiHome();
  const running = await findRunning(home);
  if (running) {
    console.error(`Tumbi runs already at ${running.url}, with its data in ${home}.`);
    process.exitCode = 1;
    return;
  }
  const stopped = new Promise<string>(resolve => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  const progress = new Progress();
  await using installation = await startInstallation(home, progress);
  const near = relative(process.cwd(), home);
  const here = near && !near.startsWith('..') ? near : home;
  console.log(`
Tumbi is at       ${installation.url}
Its data is in    ${here}
To write, send    Authorization: Bearer $(cat ${join(here, 'token')})

  npx tumbi build hello       builds a package, and publishes it
  npx tumbi builds            lists builds; \`npx tumbi --help\` tells the rest

Ctrl-C stops it.`);
  await stopped;
  progress.line('Stopping …');
}

try {
  await main();
} catch (error) {
  console.error(`tumbi: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
