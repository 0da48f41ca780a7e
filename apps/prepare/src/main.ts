import { runToEnd } from '@annals/service';

import { readConfig } from './config.js';
import { prepare } from './prepare.js';

await runToEnd('prepare', () => prepare(readConfig(), (line) => process.stdout.write(`${line}\n`)));
