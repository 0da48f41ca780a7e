import { openMemoryStore } from '@annals/event-store';
import { postgresForTests } from '@annals/testing';
import { expect, it } from '@jest/globals';
import pg from 'pg';
import { Column, Entity, PrimaryColumn } from 'typeorm';

import { ensureBuilding } from './generations.js';
import { UpdatedInPlace, type ReadModel } from './index.js';

@Entity('sum')
@UpdatedInPlace()
class SumRow {
  @PrimaryColumn('integer')
  id!: number;

  @Column('bigint')
  count!: string;
}

@Entity('list')
class ListRow {
  @PrimaryColumn('integer')
  id!: number;
}

const sums: ReadModel = { name: 'sums', version: 1, events: ['CustomerTagged'], entities: [SumRow, ListRow], apply: async () => undefined };
const postgres = postgresForTests();

it('leaves room for the next version of each row, so that none is entered into the index again', async () => {
  const { ownerUrl: connectionString } = await postgres.freshDatabase();
  await ensureBuilding(connectionString, sums, openMemoryStore());
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const filled = await client.query(`select relname, reloptions from pg_class where relname in ('sum', 'list') and relkind = 'r' order by relname`);
    expect(filled.rows).toEqual([{ relname: 'list', reloptions: null }, { relname: 'sum', reloptions: ['fillfactor=50'] }]);
    await client.query('insert into sums_building.sum select n, 0 from generate_series(1, 5000) n');
    await client.query('update sums_building.sum set count = count + 1 where id % 3 = 0');
    await client.query('select pg_stat_force_next_flush()');
    const { rows } = await client.query(`select n_tup_upd::int as changed, n_tup_hot_upd::int as in_place from pg_stat_user_tables where relname = 'sum'`);
    expect(rows).toEqual([{ changed: 1_666, in_place: 1_666 }]);
  } finally {
    await client.end();
  }
});
