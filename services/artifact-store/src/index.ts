import type { INestApplicationContext } from '@nestjs/common';
import { startContext } from '@tumbi/service-host';
import { ArtifactStoreModule } from './artifact-store.module.js';
import type { ArtifactStoreSettings } from './settings.js';

export { type ArtifactStoreSettings, artifactStoreSettings } from './settings.js';

/** Starts the artifact store; `close()` stops it. */
export function startArtifactStore(settings: ArtifactStoreSettings): Promise<INestApplicationContext> {
  return startContext(ArtifactStoreModule.with(settings));
}
