import { randomUUID } from 'node:crypto';
import { openPostgresStore } from '@annals/event-store';
import { describe, expect, it } from '@jest/globals';
import { Scratch } from './fixtures/scratch.js';
import { seedOnce } from './seed-once.js';
import { startSystem, type System } from './system.js';

const scratch = new Scratch();

async function appendOne({ databases }: System): Promise<void> {
  const store = await openPostgresStore({ connectionString: databases.eventStore });
  const event = { id: randomUUID(), type: 'Noted', version: 1, data: Buffer.from('{}'), metadata: Buffer.from('{}') };
  await store.append(`note-${randomUUID()}`, 'NoStream', [event]);
  await store.close();
}

async function withSystem(demo: boolean, test: (system: System) => Promise<void>): Promise<void> {
  const system = await startSystem({ dataDir: await scratch.folder(), services: [], durable: false, demo });
  try {
    await test(system);
  } finally {
    await system.stop();
  }
}

describe('seedOnce', () => {
  it('runs again after an interruption, though the log is no longer empty, and never after it was done', () =>
    withSystem(true, async (system) => {
      const interrupted = seedOnce(system, async () => {
        await appendOne(system);
        throw new Error('interrupted');
      });
      await expect(interrupted).rejects.toThrow('interrupted');
      expect(await seedOnce(system, () => Promise.resolve())).toBe(true);
      expect(await seedOnce(system, () => Promise.reject(new Error('a second time')))).toBe(false);
    }));

  it('leaves alone a log that somebody else began', () =>
    withSystem(true, async (system) => {
      await appendOne(system);
      expect(await seedOnce(system, () => Promise.reject(new Error('not asked for')))).toBe(false);
    }));

  it('leaves alone a data directory of one\'s own', () =>
    withSystem(false, async (system) => {
      expect(await seedOnce(system, () => Promise.reject(new Error('not asked for')))).toBe(false);
    }));
});
