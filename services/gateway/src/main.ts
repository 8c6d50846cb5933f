import { runProcess } from '@tumbi/service-host';
import { gatewaySettings, startGateway } from './index.js';

await runProcess(() => startGateway(gatewaySettings()));
