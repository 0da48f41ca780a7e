import { describe, expect, it } from '@jest/globals';
import { postgresForTests } from './postgres.js';
import { sql } from './sql.js';

describe('postgresForTests', () => {
  const postgres = postgresForTests();

  it('gives every caller an empty database that its owner may fill', async () => {
    const first = await postgres.freshDatabase();
    const second = await postgres.freshDatabase();
    await sql(first.ownerUrl, 'create table t (x int)');
    expect(await sql(second.ownerUrl, `select 1 from pg_tables where tablename = 't'`)).toEqual([]);
  });

  it('keeps the application role out of what it was not granted', async () => {
    const { ownerUrl, appUrl, appRole } = await postgres.freshDatabase();
    await sql(ownerUrl, 'create table t (x int)');
    await expect(sql(appUrl, 'select * from t')).rejects.toThrow(/permission denied/);
    await sql(ownerUrl, `grant select on t to ${appRole}`);
    expect(await sql(appUrl, 'select * from t')).toEqual([]);
  });
});
