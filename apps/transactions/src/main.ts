import { openLog, startService } from '@annals/service';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';

await startService('transactions', async () => {
  const config = readConfig();
  const { log, dependencies } = await openLog(config);
  return { name: 'transactions', config, module: AppModule.on(log), dependencies };
});
