// `npm start`: installs and builds what is missing, then runs Annals in the foreground.
import { build, checkNode, install } from './bootstrap.mjs';

checkNode();
await install();
await build(['tag:type:app', '@annals/local']);
const { main } = await import('./local/dist/main.js');
process.exit(await main(process.argv.slice(2)));
