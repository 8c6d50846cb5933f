import { runProcess } from '@tumbi/service-host';
import { artifactStoreSettings, startArtifactStore } from './index.js';

await runProcess(() => startArtifactStore(artifactStoreSettings()));
