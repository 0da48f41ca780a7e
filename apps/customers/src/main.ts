import { openLog, startService, withRelay } from '@annals/service';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';

await startService('customers', async () => {
  const config = readConfig();
  const { log, dependencies } = withRelay(await openLog(config), config, 'customers', config.KEY_STORE_URL);
  return { name: 'customers', config, module: AppModule.on(log), dependencies };
});
