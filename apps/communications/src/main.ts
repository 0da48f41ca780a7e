import { startService } from '@annals/service';

import { openCommunications } from './communications.js';
import { readConfig } from './config.js';

await startService('communications', () => openCommunications(readConfig()));
