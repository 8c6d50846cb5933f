import { type DynamicModule, Module } from '@nestjs/common';
import { HostModule } from '@tumbi/service-host';
import { OnBuildFailed } from './reactions/build-failed.js';
import { OnBuildRequested } from './reactions/build-requested.js';
import { OnBuildStarted } from './reactions/build-started.js';
import { type SchedulerSettings, SETTINGS } from './settings.js';

@Module({})
export class SchedulerModule {
  static with(settings: SchedulerSettings): DynamicModule {
    return {
      module: SchedulerModule,
      imports: [HostModule.for('scheduler', settings.nats)],
      providers: [{ provide: SETTINGS, useValue: settings }, OnBuildRequested, OnBuildFailed, OnBuildStarted],
    };
  }
}
