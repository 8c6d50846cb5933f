import 'reflect-metadata';
import type { Readable } from 'node:stream';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { serviceLogger } from '@tumbi/service-host';
import { GatewayModule } from './gateway.module.js';
import { openApi } from './openapi.js';
import type { GatewaySettings } from './settings.js';

export { type Role, type Token, tokenDigest } from './http/tokens.js';
export { hub as hubProjection } from './read-models/hub.projection.js';
export { type GatewaySettings, gatewaySettings } from './settings.js';

export interface Gateway {
  /** `http://HOST:PORT`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the gateway; `close()` stops it. */
export async function startGateway(settings: GatewaySettings): Promise<Gateway> {
  const application = await createGateway(settings);
  try {
    await application.listen(settings.port, settings.host);
  } catch (error) {
    await application.close();
    throw error;
  }
  const { port } = application.getHttpServer().address() as { port: number };
  return { url: `http://${settings.host}:${port}`, close: () => application.close() };
}

/** The gateway without its port. */
export async function createGateway(settings: GatewaySettings): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({ bodyLimit: 1024 * 1024, forceCloseConnections: true });
  const application = await NestFactory.create<NestFastifyApplication>(
    GatewayModule.with(settings),
    adapter,
    {
      logger: serviceLogger(),
      abortOnError: false,
    },
  );
  adapter
    .getInstance()
    .addContentTypeParser('application/octet-stream', (_request: unknown, payload: Readable, done) =>
      done(null, payload),
    );
  const document = openApi(application);
  adapter.getInstance().get('/api/openapi.json', async () => document);
  return application;
}
