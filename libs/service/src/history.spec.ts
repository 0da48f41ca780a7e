import { ERASED, EVERYWHERE } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { describe, expect, it } from '@jest/globals';
import { commandOf, memoryLog } from './fixtures/memory-log.js';
import { historyOf } from './history.js';

const log = memoryLog();
const stream = 'customer-018f0000-0000-7000-8000-000000000001';
const revisions = async (cursor?: string, limit = 3): Promise<unknown> => {
  const { items, next, previous } = await historyOf(log, stream, { scope: EVERYWHERE, limit, ...(cursor !== undefined && { cursor }) });
  return { revisions: items.map(({ revision }) => revision), next, previous };
};

describe("a record's history", () => {
  it('pages both ways by revision', async () => {
    for (let index = 0; index < 7; index += 1) {
      const command = commandOf(log, {}, String(index));
      await log.append(stream, 'Any', [{ type: 'CustomerProfileChanged', data: { name: index === 0 ? ERASED : { full: `Ann ${index}` } } }], command.metadata());
    }
    expect(await revisions()).toEqual({ revisions: [0, 1, 2], next: 'a2', previous: null });
    expect(await revisions('a2')).toEqual({ revisions: [3, 4, 5], next: 'a5', previous: 'b3' });
    expect(await revisions('a5')).toEqual({ revisions: [6], next: null, previous: 'b6' });
    expect(await revisions('b6')).toEqual({ revisions: [3, 4, 5], next: 'a5', previous: 'b3' });
    expect(await revisions('b2')).toEqual({ revisions: [0, 1], next: 'a1', previous: null });
    expect(await revisions('a6')).toEqual({ revisions: [], next: null, previous: null });
    expect(await revisions(undefined, 7)).toMatchObject({ next: null, previous: null });
  });

  it('is not there for who may not see its department', async () => {
    const foreign = historyOf(log, stream, { scope: { departments: ['emea'] }, limit: 2 });
    await expect(foreign).rejects.toThrow(new CommandRejected('not-found', 'record-not-found', 'There is no such record.'));
    await expect(historyOf(log, stream, { scope: { departments: ['default'] }, limit: 2 })).resolves.toMatchObject({ next: 'a1' });
  });

  it('opens personal fields, and says where their key is gone', async () => {
    const { items } = await historyOf(log, stream, { scope: EVERYWHERE, limit: 2 });
    expect(items.map(({ data }) => data)).toEqual([{ name: { erased: true } }, { name: { full: 'Ann 1' } }]);
  });
});
