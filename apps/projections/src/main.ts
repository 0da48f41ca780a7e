import { eventTopicsOf, startService } from '@annals/service';

import { readConfig } from './config.js';
import { openProjections } from './projections.js';

await startService('projections', () => {
  const config = readConfig();
  return openProjections(config, eventTopicsOf(config, 'projections'));
});
