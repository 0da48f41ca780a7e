import { spawn } from 'node:child_process';

const endsWithinMs = 10_000;

/**
 * Runs a broker and ends it when the process that asked for it is gone, however that went: Java would live on.
 * Its arguments are Java's; it tells its parent the broker's process number.
 */
const java = spawn('java', process.argv.slice(2), { stdio: ['ignore', 'inherit', 'inherit'] });
const end = (): void => {
  java.kill('SIGTERM');
  setTimeout(() => java.kill('SIGKILL'), endsWithinMs).unref();
};
for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(event, end);
java.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
java.once('exit', (code) => process.exit(code ?? 1));
process.send?.({ pid: java.pid });
