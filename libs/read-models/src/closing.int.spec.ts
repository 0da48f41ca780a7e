import { openMemoryStore } from '@annals/event-store';
import { createEventCodec, createIdentities, memoryKeyStore } from '@annals/sealing';
import { eventually, postgresForTests } from '@annals/testing';
import { expect, it } from '@jest/globals';
import { Entity, PrimaryColumn } from 'typeorm';

import { ReadModels, type Happening, type ReadModel } from './index.js';

@Entity('seen')
class SeenRow {
  @PrimaryColumn('text')
  stream!: string;
}

const seen: ReadModel = { name: 'seen', version: 1, events: ['CustomerTagged'], entities: [SeenRow], apply: async () => undefined };
const postgres = postgresForTests();

/** Longer than a test may take. */
const GATHER_MS = 600_000;

it('ends at once where a page is not due for long, and tells of no trouble', async () => {
  const happened: Happening[] = [];
  const store = openMemoryStore();
  const codec = createEventCodec({ identities: createIdentities(Buffer.alloc(32, 1)), keys: memoryKeyStore(Buffer.alloc(32, 2)) });
  const { ownerUrl: connectionString } = await postgres.freshDatabase();
  const readModels = new ReadModels({ connectionString, store, codec, models: [seen], gatherMs: GATHER_MS, report: (one) => happened.push(one) });
  readModels.start();
  await eventually(async () => expect(await readModels.status()).toMatchObject([{ state: 'live' }]));
  const tag = async (id: string): Promise<void> => {
    const metadata = { format: 1, actor: { id: 'x', kind: 'system', assurance: 'none' }, department: 'default', occurredAt: '2026-01-02T03:04:05.000Z', precision: 'instant', effectiveAt: '2026-01-02T03:04:05.000Z', commandId: id, fingerprint: '0', correlationId: id } as const;
    const stream = `customer-${id}`;
    await store.append(stream, 'Any', (await codec.encode(stream, [{ type: 'CustomerTagged', data: { tag: 'vip' } }], metadata)).events);
  };
  await tag('018f0000-0000-7000-8000-000000000001');
  await eventually(async () => expect(await readModels.status()).toMatchObject([{ state: 'live', position: 1 }]));
  // The feed is woken by this one, and finds that the next page is not due.
  await tag('018f0000-0000-7000-8000-000000000002');
  await readModels.close();
  expect(happened.filter(({ level }) => level !== 'info')).toEqual([]);
});
