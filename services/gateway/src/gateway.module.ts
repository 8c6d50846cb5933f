import { type DynamicModule, Module, StandardSchemaValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { HostModule } from '@tumbi/service-host';
import { BuildLogs } from './build-logs.js';
import { Builds } from './builds.js';
import { AptController } from './http/apt.controller.js';
import { AuthGuard } from './http/auth.guard.js';
import { BlobsController } from './http/blobs.controller.js';
import { BuildsController } from './http/builds.controller.js';
import { EventsController } from './http/events.controller.js';
import { HomeController } from './http/home.controller.js';
import { ProblemsFilter } from './http/problems.filter.js';
import { SystemController } from './http/system.controller.js';
import { TagsController } from './http/tags.controller.js';
import { Tokens } from './http/tokens.js';
import { ReadModels } from './read-models/read-models.js';
import { type GatewaySettings, SETTINGS } from './settings.js';

export const CONTROLLERS = [
  BuildsController,
  BlobsController,
  EventsController,
  TagsController,
  SystemController,
  AptController,
  HomeController,
];

@Module({})
export class GatewayModule {
  static with(settings: GatewaySettings): DynamicModule {
    return {
      module: GatewayModule,
      imports: [HostModule.for('gateway', settings.nats, settings.store)],
      controllers: CONTROLLERS,
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: APP_PIPE, useClass: StandardSchemaValidationPipe },
        { provide: APP_GUARD, useClass: AuthGuard },
        { provide: APP_FILTER, useClass: ProblemsFilter },
        Tokens,
        ReadModels,
        Builds,
        BuildLogs,
      ],
    };
  }
}
