import { randomUUID } from 'node:crypto';

import { catalogue, code, nextVersion, transactionRecorded, type AnnalsEvent, type Catalogue } from '@annals/contracts';
import { openMemoryStore } from '@annals/event-store';
import { createEventCodec, createIdentities, memoryKeyStore } from '@annals/sealing';
import { eventually, postgresForTests } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import { Column, Entity, PrimaryColumn } from 'typeorm';

import { metadata } from './fixtures/tally.js';
import { bigints, foldStreams, ReadModels, texts, type ReadModel } from './index.js';

@Entity('issued')
class IssuedRow {
  @PrimaryColumn('text')
  number!: string;

  @Column('bigint')
  total!: string;
}

const issued: ReadModel = {
  name: 'issued',
  version: 1,
  events: ['TransactionRecorded'],
  entities: [IssuedRow],
  apply: foldStreams<{ number: string; total: number }, { number: string; total: number }>({
    step: (state, event) => {
      if (event.type !== 'TransactionRecorded') return { state: state ?? { number: '', total: 0 }, changes: [] };
      const after = { number: event.data.number ?? '', total: event.data.totalMinor };
      return { state: after, changes: [after] };
    },
    write: async (transaction, changes) => {
      const rows = [...changes].sort((a, b) => (a.number < b.number ? -1 : 1));
      await transaction.query('issued_add', 'insert into issued select * from unnest($1::text[], $2::bigint[])', [
        texts(rows.map(({ number }) => number)),
        bigints(rows.map(({ total }) => total)),
      ]);
    },
  }),
};

/** What today's contract would become: a field that every older transaction gets. */
const second: Catalogue = {
  ...catalogue,
  TransactionRecorded: nextVersion(
    catalogue.TransactionRecorded,
    transactionRecorded.extend({ channel: code() }),
    (data) => ({ ...data, channel: 'unknown' }),
  ),
};

const recorded = (n: number): AnnalsEvent => ({
  type: 'TransactionRecorded',
  data: { kind: 'invoice', number: String(n), parties: [], issuedOn: '2024-05-01', currency: 'GBP', lines: [], totalMinor: n },
});

describe('a log written before an event got its second version', () => {
  const postgres = postgresForTests();

  it('is read to the same digest by code that knows the second', async () => {
    const keys = memoryKeyStore(Buffer.alloc(32, 2));
    const identities = createIdentities(Buffer.alloc(32, 1));
    const store = openMemoryStore();
    const before = createEventCodec({ identities, keys });
    for (let n = 0; n < 50; n++) {
      const stream = `transaction-${randomUUID()}`;
      await store.append(stream, 'NoStream', (await before.encode(stream, [recorded(n)], metadata())).events);
    }
    const digestBy = async (known: Catalogue): Promise<string> => {
      const { ownerUrl: connectionString } = await postgres.freshDatabase();
      const readModels = new ReadModels({ connectionString, store, codec: createEventCodec({ identities, keys, catalogue: known }), models: [issued] });
      readModels.start();
      try {
        await eventually(async () => expect(await readModels.status()).toMatchObject([{ state: 'live', lag: 0, parked: 0 }]));
        expect(await readModels.reader('issued').query('issued_count', 'select count(*)::int as n from issued', [])).toEqual([{ n: 50 }]);
        return await readModels.digest('issued');
      } finally {
        await readModels.close();
      }
    };
    expect(await digestBy(second)).toBe(await digestBy(catalogue));
  });
});
