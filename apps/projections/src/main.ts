import { startService } from '@annals/service';

import { readConfig } from './config.js';
import { openProjections } from './projections.js';

await startService('projections', () => openProjections(readConfig()));
