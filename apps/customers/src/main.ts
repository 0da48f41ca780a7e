import { openLog, startService } from '@annals/service';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';

await startService('customers', async () => {
  const config = readConfig();
  const { log, dependencies } = await openLog(config);
  return { name: 'customers', config, module: AppModule.on(log), dependencies };
});
