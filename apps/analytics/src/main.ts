import { startService } from '@annals/service';

import { openAnalytics } from './analytics.js';
import { readConfig } from './config.js';

await startService('analytics', () => openAnalytics(readConfig()));
