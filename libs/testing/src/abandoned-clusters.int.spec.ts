import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { clustersFolder, removeAbandonedClusters } from './abandoned-clusters.js';
import { eventually } from './eventually.js';
import { postgresForTests } from './postgres.js';

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

describe('removeAbandonedClusters', () => {
  const ours = postgresForTests();

  it('removes the cluster of a killed test run, its PostgreSQL included, and no other', async () => {
    const directory = join(clustersFolder(), randomUUID());
    const script = `const { startPostgres } = await import('@annals/local');
      const { port } = await startPostgres({ dataDir: ${JSON.stringify(directory)}, durable: false });
      process.stdout.write(String(port));`;
    const run = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(run.stdout, 'data')) as [Buffer];
    const port = Number(said.toString());
    run.kill('SIGKILL');
    await once(run, 'exit');
    expect(await listens(port)).toBe(true);
    // Another spec file that begins now may be the one that removes it.
    await eventually(async () => {
      await removeAbandonedClusters();
      expect(existsSync(directory)).toBe(false);
    });
    expect(await listens(port)).toBe(false);
    expect(await listens(ours.server().port)).toBe(true);
  });
});
