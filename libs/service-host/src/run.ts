import 'reflect-metadata';
import { ConsoleLogger, type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** Starts a service without a door of its own. */
export function startContext(module: DynamicModule): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(module, { logger: serviceLogger(), abortOnError: false });
}

/** JSON lines for machines where the output is no terminal. */
export function serviceLogger(): ConsoleLogger {
  return new ConsoleLogger({
    json: !process.stdout.isTTY,
    logLevels: process.env.TUMBI_VERBOSE
      ? ['verbose', 'debug', 'log', 'warn', 'error', 'fatal']
      : ['warn', 'error', 'fatal'],
  });
}

/**
 * Runs a service as a process of its own: starts it, and stops it on SIGINT and SIGTERM. What keeps it from
 * starting is said in one sentence.
 */
export async function runProcess(
  start: () => Promise<Pick<INestApplicationContext, 'close'>>,
): Promise<void> {
  try {
    const service = await start();
    const stop = async () => {
      await service.close();
      process.exit(0);
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
