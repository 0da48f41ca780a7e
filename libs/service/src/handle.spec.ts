import { EVERYWHERE, type Scope, type TransactionEvent } from '@annals/contracts';
import { openMemoryStore, type EventStore } from '@annals/event-store';
import { CommandRejected } from '@annals/kernel';
import { describe, expect, it } from '@jest/globals';
import { commandOf, memoryLog, storeWith } from './fixtures/memory-log.js';
import { handle, type Handled, type StreamDecider } from './handle.js';
import type { Log } from './log.js';
import { KeyReused, RevisionLost, Unavailable } from './problem.js';

const stream = 'transaction-018f0000-0000-7000-8000-000000000001';
const cancelled = (code: string): TransactionEvent => ({ type: 'TransactionCancelled', data: { reason: { code } } });

/** Counts the events of the stream. */
const counter: StreamDecider<number> = { initialState: 0, evolve: (count) => count + 1 };

interface Given {
  readonly key: string;
  readonly says?: string;
  readonly decide?: (count: number) => TransactionEvent[];
  readonly expectNew?: boolean;
  readonly ifMatch?: number;
  readonly scope?: Scope;
}

async function send(log: Log, { key, says = key, decide = () => [cancelled(says)], ...more }: Given): Promise<Handled> {
  return await handle({ log, decider: counter, stream, scope: EVERYWHERE, metadata: commandOf(log, { says }, key).metadata(), decide, ...more });
}

/** A store to whose stream somebody else appends before each of our own appends. */
function contended(times: number): { store: EventStore; log: Log } {
  const store = openMemoryStore();
  const others = memoryLog(store);
  let left = times;
  const racing = storeWith(store, {
    append: async (...args) => {
      left -= 1;
      if (left >= 0) await others.append(stream, 'Any', [cancelled(`other-${left}`)], commandOf(others, {}, `other-${left}`).metadata());
      return await store.append(...args);
    },
  });
  return { store, log: memoryLog(racing) };
}

describe('handling a command', () => {
  it('decides on the folded state and appends at the revision that was read', async () => {
    const log = memoryLog();
    expect(await send(log, { key: 'a', expectNew: true })).toMatchObject({ stream, revision: 0, outcome: 'created' });
    const seen: number[] = [];
    expect(await send(log, { key: 'b', decide: (count) => (seen.push(count), [cancelled('b'), cancelled('c')]) })).toMatchObject({ revision: 2, outcome: 'changed' });
    expect(seen).toEqual([1]);
  });

  it('leaves no trace where nothing changed, and decides the command anew', async () => {
    const log = memoryLog();
    await send(log, { key: 'a' });
    expect(await send(log, { key: 'b', decide: () => [] })).toMatchObject({ revision: 0, outcome: 'unchanged' });
    expect(await send(log, { key: 'b' })).toMatchObject({ revision: 1, outcome: 'changed' });
  });

  it('answers a repeated command with its first result and decides nothing', async () => {
    const log = memoryLog();
    const never = (): TransactionEvent[] => {
      throw new Error('decided twice');
    };
    await send(log, { key: 'a', expectNew: true });
    await send(log, { key: 'b' });
    await send(log, { key: 'c' });
    expect(await send(log, { key: 'b', decide: never })).toMatchObject({ revision: 1, outcome: 'changed' });
    expect(await send(log, { key: 'a', expectNew: true })).toMatchObject({ revision: 0, outcome: 'created' });
    expect(await log.read(stream)).toHaveLength(3);
  });

  it('refuses another body under a key that was used, also where it meets only the store', async () => {
    const log = memoryLog();
    await send(log, { key: 'a', expectNew: true });
    await expect(send(log, { key: 'a', says: 'other' })).rejects.toThrow(KeyReused);
    await expect(send(log, { key: 'a', says: 'other', expectNew: true })).rejects.toThrow(KeyReused);
  });

  it('takes a record that says the same for unchanged, even when it has changed since', async () => {
    const log = memoryLog();
    const rejects = (count: number): TransactionEvent[] => {
      if (count > 0) throw new CommandRejected('conflict', 'transaction-already-recorded', 'it is');
      return [cancelled('a')];
    };
    await send(log, { key: 'a', says: 'same', expectNew: true, decide: rejects });
    await send(log, { key: 'b' });
    expect(await send(log, { key: 'c', says: 'same', expectNew: true, decide: rejects })).toMatchObject({ revision: 1, outcome: 'unchanged' });
    await expect(send(log, { key: 'd', says: 'other', expectNew: true, decide: rejects })).rejects.toThrow('transaction-already-recorded');
  });

  it('decides again, on what others wrote meanwhile', async () => {
    const { log } = contended(5);
    const seen: number[] = [];
    const handled = await send(log, { key: 'a', decide: (count) => (seen.push(count), [cancelled('a')]) });
    expect(handled).toMatchObject({ revision: 5, outcome: 'changed' });
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('gives up after twenty attempts, and can then be sent again', async () => {
    const { log, store } = contended(1_000);
    await expect(send(log, { key: 'a' })).rejects.toThrow(Unavailable);
    expect(await store.readStream(stream)).toHaveLength(20);
  });

  it('holds to the revision of If-Match, and never decides on another', async () => {
    const log = memoryLog();
    await expect(send(log, { key: 'a', ifMatch: 0 })).rejects.toThrow(RevisionLost);
    await send(log, { key: 'a' });
    expect(await send(log, { key: 'b', ifMatch: 0 })).toMatchObject({ revision: 1 });
    await expect(send(log, { key: 'c', ifMatch: 0 })).rejects.toThrow(RevisionLost);
    expect(await send(log, { key: 'b', ifMatch: 0 })).toMatchObject({ revision: 1 });
    const { log: racing, store } = contended(1);
    await send(memoryLog(store), { key: 'first' });
    await expect(send(racing, { key: 'a', ifMatch: 0 })).rejects.toThrow(RevisionLost);
    expect(await store.readStream(stream)).toHaveLength(2);
  });

  it('answers for a record out of scope exactly as for one that is not there, and never writes to it', async () => {
    const log = memoryLog();
    const empty = memoryLog();
    const scope = { departments: ['emea'] };
    await send(log, { key: 'a', expectNew: true });
    const tries: readonly Given[] = [
      { key: 'b', decide: (count) => { throw new CommandRejected('not-found', 'transaction-not-found', `${count} events`); } },
      { key: 'b', decide: () => [] },
      { key: 'b', ifMatch: 0 },
    ];
    const outcome = (to: Log, given: Given): Promise<unknown> => send(to, { ...given, scope }).catch((error: unknown) => String(error));
    for (const given of tries) expect(await outcome(log, given)).toEqual(await outcome(empty, given));
    // Of an id that is taken one cannot make a record; that is all that is said.
    for (const given of [{ key: 'a', expectNew: true }, { key: 'b', says: 'a', expectNew: true }]) {
      await expect(send(log, { ...given, scope })).rejects.toMatchObject({ kind: 'conflict', code: 'record-taken' });
    }
    expect(await log.read(stream)).toHaveLength(1);
    expect(await send(log, { key: 'a', expectNew: true, scope: { departments: ['default'] } })).toMatchObject({ outcome: 'created' });
  });

  it('gives racing callers of one command one result', async () => {
    const log = memoryLog();
    const answers = await Promise.all(Array.from({ length: 16 }, () => send(log, { key: 'a', expectNew: true })));
    expect(new Set(answers.map((handled) => JSON.stringify(handled))).size).toBe(1);
    expect(await log.read(stream)).toHaveLength(1);
  });

  it('reads streams of many pages', async () => {
    const log = memoryLog();
    const thousand = Array.from({ length: 1_000 }, () => cancelled('many'));
    for (const key of ['a', 'b', 'c']) await send(log, { key, decide: () => thousand });
    const seen: number[] = [];
    expect(await send(log, { key: 'd', decide: (count) => (seen.push(count), []) })).toMatchObject({ revision: 2_999 });
    expect(seen).toEqual([3_000]);
  });
});
