// Makes this machine ready for a command of bin/run: Debian packages, a range of user ids, a nats-server.
// It runs before anything is built, on Node's own type stripping: imports end in .ts and build nothing.
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findNatsServer } from '../libs/local-servers/src/nats-binary.ts';
import { installDebianPackages, missingPackages } from './apt.ts';
import { COMMAND_PURPOSES } from './debian-packages.ts';
import { fetchNatsServer } from './fetch-nats-server.ts';
import { ensureSubordinateIds } from './subordinate-ids.ts';

try {
  await setUp(process.argv[2] ?? '', process.argv.slice(3));
} catch (error) {
  process.stderr.write(`tumbi: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function setUp(command: string, args: readonly string[]): Promise<void> {
  const purposes = COMMAND_PURPOSES[command] ?? [];
  if (purposes.length === 0 || args.includes('--help')) {
    return;
  }
  const home = process.env.TUMBI_HOME ?? join(import.meta.dirname, '../.tumbi');
  makeWritable(home);
  const logFile = join(home, 'setup.log');
  const missing = await missingPackages(purposes);
  if (missing.length > 0) {
    await installDebianPackages(missing, logFile);
  }
  if (purposes.includes('build')) {
    await ensureSubordinateIds(logFile);
  }
  if (purposes.includes('serve')) {
    await findNatsServer(home).catch(() => fetchNatsServer(home, logFile));
  }
}

function makeWritable(home: string): void {
  try {
    mkdirSync(home, { recursive: true });
    accessSync(home, constants.W_OK);
  } catch {
    throw new Error(`${home} cannot be written to: set TUMBI_HOME to a folder of yours.`);
  }
}
