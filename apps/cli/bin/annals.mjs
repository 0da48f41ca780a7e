#!/usr/bin/env node
// Committed, and so there before the first build, because npm links a workspace's command only to a file that exists.
import { existsSync } from 'node:fs';

const built = new URL('../dist/main.js', import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  process.stderr.write('Annals is not built yet: run `npm start` or `npm run build` first.\n');
  process.exitCode = 1;
}
