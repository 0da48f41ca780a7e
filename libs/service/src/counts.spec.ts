import { EVERYWHERE, type Scope } from '@annals/contracts';
import { openMemoryStore } from '@annals/event-store';
import { describe, expect, it } from '@jest/globals';
import { SourceTallies, type Tally } from './counts.js';
import { commandOf, memoryLog, storeWith } from './fixtures/memory-log.js';

const store = openMemoryStore();
const log = memoryLog(store);
const tally: Tally<number> = { category: 'transaction', first: 'TransactionCancelled', none: 0, add: (count, records) => count + records.length };
let made = 0;

async function record(system?: string, department?: string): Promise<void> {
  made += 1;
  const stream = `transaction-018f0000-0000-7000-8000-${String(made).padStart(12, '0')}`;
  const command = commandOf(log, system === undefined ? {} : { meta: { source: { system }, department } }, String(made));
  const cancelled = { type: 'TransactionCancelled', data: { reason: { code: 'a' } } };
  await log.append(stream, 'NoStream', [cancelled, cancelled], command.metadata());
}

describe('counting records by source', () => {
  it('counts the first events of streams, from where the last count ended', async () => {
    let read = 0;
    const counting = storeWith(store, {
      readAll: async (options) => {
        const page = await store.readAll(options);
        read += page.events.length;
        return page;
      },
    });
    const tallies = new SourceTallies(counting, tally);
    for (const system of ['till', 'till', 'crm', undefined]) await record(system);
    expect(await tallies.of('till', EVERYWHERE)).toEqual({ system: 'till', position: 8, figures: 2 });
    expect(await tallies.of('crm', EVERYWHERE)).toEqual({ system: 'crm', position: 8, figures: 1 });
    expect(read).toBe(16);
    await record('till');
    const both = await Promise.all([tallies.of('till', EVERYWHERE), tallies.of('till', EVERYWHERE)]);
    expect(both).toEqual([3, 3].map((figures) => ({ system: 'till', position: 10, figures })));
    expect(read).toBe(18);
  });

  it('counts anew after a failure', async () => {
    let fails = true;
    const failing = storeWith(store, {
      readAll: async (options) => {
        if (fails) throw new Error('away');
        return await store.readAll(options);
      },
    });
    const tallies = new SourceTallies(failing, tally);
    await expect(tallies.of('till', EVERYWHERE)).rejects.toThrow('away');
    fails = false;
    expect((await tallies.of('till', EVERYWHERE)).figures).toBe(3);
  });

  it('counts what lies within the scope alone', async () => {
    for (const department of ['emea', 'emea/uk', 'emeax']) await record('shop', department);
    const tallies = new SourceTallies(store, tally);
    const count = async (scope: Scope): Promise<number> => (await tallies.of('shop', scope)).figures;
    expect([await count(EVERYWHERE), await count({ departments: ['emea'] }), await count({ departments: [] }), await count({ departments: ['emea/uk'] })]).toEqual([3, 2, 0, 1]);
  });

  it('remembers no more systems than it may', async () => {
    const tallies = new SourceTallies(store, tally);
    for (let index = 0; index < 200; index += 1) expect((await tallies.of(`system-${index}`, EVERYWHERE)).figures).toBe(0);
    expect((await tallies.of('till', EVERYWHERE)).figures).toBe(3);
  });
});
