import { type DynamicModule, Module } from '@nestjs/common';
import { HostModule } from '@tumbi/service-host';
import { OnBuildScheduled } from './reactions/build-scheduled.js';
import { Registration } from './registration.js';
import { type RunnerSettings, SETTINGS } from './settings.js';

@Module({})
export class RunnerModule {
  static with(settings: RunnerSettings): DynamicModule {
    return {
      module: RunnerModule,
      imports: [HostModule.for('mock-runner', settings.nats, settings.store)],
      providers: [{ provide: SETTINGS, useValue: settings }, Registration, OnBuildScheduled],
    };
  }
}
