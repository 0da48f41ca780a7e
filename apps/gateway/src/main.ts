import { startService } from '@annals/service';

import { readConfig } from './config.js';
import { gateway } from './gateway.js';

await startService('gateway', () => gateway(readConfig()));
