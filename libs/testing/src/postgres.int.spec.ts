import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { postgresForTests } from './postgres.js';

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('postgresForTests', () => {
  const postgres = postgresForTests();

  it('gives every caller an empty database that its owner may fill', async () => {
    const first = await postgres.freshDatabase();
    const second = await postgres.freshDatabase();
    await query(first.ownerUrl, 'create table t (x int)');
    expect(await query(second.ownerUrl, `select 1 from pg_tables where tablename = 't'`)).toEqual([]);
  });

  it('keeps the application role out of what it was not granted', async () => {
    const { ownerUrl, appUrl, appRole } = await postgres.freshDatabase();
    await query(ownerUrl, 'create table t (x int)');
    await expect(query(appUrl, 'select * from t')).rejects.toThrow(/permission denied/);
    await query(ownerUrl, `grant select on t to ${appRole}`);
    expect(await query(appUrl, 'select * from t')).toEqual([]);
  });
});
