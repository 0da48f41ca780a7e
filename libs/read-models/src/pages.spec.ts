import { randomUUID } from 'node:crypto';

import type { RecordedEvent } from '@annals/contracts';
import { openMemoryStore, type EventStore, type StoredEvent } from '@annals/event-store';
import type { EventCodec } from '@annals/sealing';
import { eventually } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';

import { SharedPages, type PageReader } from './pages.js';
import type { ReadModel } from './read-model.js';

const model: ReadModel = { name: 'any', version: 1, events: ['TransactionRecorded'], entities: [], apply: async () => undefined };
const opened = (event: StoredEvent): RecordedEvent => ({
  ...event,
  type: 'TransactionRecorded',
  data: { kind: 'order', parties: [], issuedOn: '2024-05-01', currency: 'GBP', lines: [], totalMinor: 0 },
  metadata: {
    format: 1,
    actor: { id: 'unverified', kind: 'unverified', assurance: 'none' },
    department: 'default',
    occurredAt: '2024-05-01T00:00:00.000Z',
    precision: 'instant',
    effectiveAt: '2024-05-01T00:00:00.000Z',
    commandId: event.id,
    fingerprint: '00',
    correlationId: event.id,
  },
});
const codec: Pick<EventCodec, 'decodeEach'> = { decodeEach: async (events) => events.map(opened) };

async function filled(events: number, gatherMs = 0): Promise<{ store: EventStore; reads: number[]; pages: SharedPages }> {
  const store = openMemoryStore();
  for (let n = 0; n < events; n++) {
    const event = { id: randomUUID(), type: n % 2 === 0 ? 'TransactionRecorded' : 'TransactionCancelled', version: 1, data: Buffer.from('{}'), metadata: Buffer.from('{}') };
    await store.append(`transaction-${randomUUID()}`, 'NoStream', [event]);
  }
  const reads: number[] = [];
  const readAll = store.readAll.bind(store);
  store.readAll = (options) => {
    reads.push(options.after);
    return readAll(options);
  };
  return { store, reads, pages: new SharedPages(store, codec as EventCodec, [model], { limit: 10, gatherMs }) };
}

async function readTo(reader: PageReader, from: number, end: number): Promise<number[]> {
  const positions: number[] = [];
  for (let after = from; after < end; ) {
    const page = await reader.read(after);
    for (const event of page.events) if ('position' in event) positions.push(event.position);
    after = page.next;
  }
  return positions;
}

describe('shared pages', () => {
  it.each([
    ['no reader', [{}, {}], false],
    ['one reader of several', [{}, { opensAddresses: true }], true],
  ])('have addresses opened where %s uses them', async (_, readers, addresses) => {
    const { store } = await filled(2);
    const asked: unknown[] = [];
    const asking: Pick<EventCodec, 'decodeEach'> = { decodeEach: async (events, options) => (asked.push(options), events.map(opened)) };
    const pages = new SharedPages(store, asking as EventCodec, readers.map((one) => ({ ...model, ...one })), { limit: 10, gatherMs: 0 });
    await pages.reader().read(0);
    expect(asked).toEqual([{ addresses }]);
  });

  it('are read once for readers who go together, and hold the types that are listed', async () => {
    const { reads, pages } = await filled(60);
    const [first, second] = [pages.reader(), pages.reader()];
    const [one, other] = await Promise.all([readTo(first, 0, 60), readTo(second, 0, 60)]);
    expect(one).toEqual(Array.from({ length: 30 }, (_, n) => 2 * n + 1));
    expect(other).toEqual(one);
    expect([...reads].filter((after) => after < 60).sort((a, b) => a - b)).toEqual([0, 10, 20, 30, 40, 50]);
  });

  it('wait for a reader who follows, but not for ever', async () => {
    const { reads, pages } = await filled(200);
    const [fast, slow] = [pages.reader(), pages.reader()];
    await Promise.all([fast.read(0), slow.read(0)]);
    const ahead = readTo(fast, 10, 200);
    await eventually(() => reads.length >= 4);
    expect(await readTo(slow, 10, 40)).toHaveLength(15);
    expect(reads.filter((after) => after < 40)).toEqual([0, 10, 20, 30]);
    expect(await ahead).toHaveLength(95);
  });

  it('are read by a reader alone who is elsewhere', async () => {
    const { pages } = await filled(100);
    const [front, back] = [pages.reader(), pages.reader()];
    expect(await readTo(front, 80, 100)).toHaveLength(10);
    expect(await readTo(back, 0, 100)).toHaveLength(50);
  });

  it('show what was appended after an empty one', async () => {
    const { store, pages } = await filled(0);
    const reader = pages.reader();
    expect((await reader.read(0)).next).toBe(0);
    const event = { id: randomUUID(), type: 'TransactionRecorded', version: 1, data: Buffer.from('{}'), metadata: Buffer.from('{}') };
    await store.append(`transaction-${randomUUID()}`, 'NoStream', [event]);
    expect((await reader.read(0)).next).toBe(1);
  });

  it('gather what comes at the head of the log, until somebody is in a hurry', async () => {
    const { store, reads, pages } = await filled(4, 600_000);
    const reader = pages.reader();
    expect((await reader.read(0)).next).toBe(4);
    const later = reader.read(4);
    const event = { id: randomUUID(), type: 'TransactionRecorded', version: 1, data: Buffer.from('{}'), metadata: Buffer.from('{}') };
    await store.append(`transaction-${randomUUID()}`, 'NoStream', [event]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toEqual([0]);
    pages.hurry();
    const page = await later;
    expect(page.next).toBe(5);
    expect(page.events).toHaveLength(1);
    expect(reads).toEqual([0, 4]);
  });

  it('are read without a pause while more is there', async () => {
    const { pages } = await filled(60, 600_000);
    expect(await readTo(pages.reader(), 0, 60)).toHaveLength(30);
  });
});
