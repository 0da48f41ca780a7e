import { openLog, startService, withRelay } from '@annals/service';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';

await startService('transactions', async () => {
  const config = readConfig();
  const { log, dependencies } = withRelay(await openLog(config), config, 'transactions', config.KEY_STORE_URL);
  return { name: 'transactions', config, module: AppModule.on(log), dependencies };
});
