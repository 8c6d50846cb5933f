import { type DynamicModule, Module } from '@nestjs/common';
import { HostModule } from '@tumbi/service-host';
import { BuiltDebs } from './built-debs.js';
import { Keys } from './keys.js';
import { OnBuildSucceeded } from './reactions/build-succeeded.js';
import { OnPackageTagged } from './reactions/package-tagged.js';
import { type ArtifactStoreSettings, SETTINGS } from './settings.js';

@Module({})
export class ArtifactStoreModule {
  static with(settings: ArtifactStoreSettings): DynamicModule {
    return {
      module: ArtifactStoreModule,
      imports: [HostModule.for('artifact-store', settings.nats, settings.store)],
      providers: [
        { provide: SETTINGS, useValue: settings },
        BuiltDebs,
        Keys,
        OnBuildSucceeded,
        OnPackageTagged,
      ],
    };
  }
}
