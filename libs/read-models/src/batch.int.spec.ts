import { randomUUID } from 'node:crypto';

import type { RecordedEvent } from '@annals/contracts';
import { openMemoryStore, type Place } from '@annals/event-store';
import { postgresForTests } from '@annals/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type pg from 'pg';
import { Column, Entity, PrimaryColumn } from 'typeorm';

import { applyBatch, type Fence, type Target } from './batch.js';
import { integers, texts, uuids } from './columns.js';
import { connectFeed, disconnect } from './database.js';
import { PlaceMoved } from './errors.js';
import { ensureBuilding, generationIn, swap } from './generations.js';
import { movePlace } from './log-source.js';
import type { ReadModel } from './read-model.js';

/** Amounts by transaction; the column is too small for some of them. */
@Entity('amount')
class AmountRow {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('smallint')
  minor!: number;
}

const model: ReadModel = {
  name: 'amounts',
  version: 1,
  events: ['TransactionRecorded', 'TransactionCancelled'],
  entities: [AmountRow],
  apply: async (transaction, events) => {
    const recorded = events.filter((event) => event.type === 'TransactionRecorded');
    await transaction.query('amounts', 'insert into amount select * from unnest($1::uuid[], $2::integer[])', [
      uuids(recorded.map(({ stream }) => stream.slice(12))),
      integers(recorded.map(({ data }) => data.totalMinor)),
    ]);
  },
};

const TOO_MUCH = 40_000;

describe('a batch', () => {
  const postgres = postgresForTests();
  const store = openMemoryStore();
  let connectionString: string;
  let clients: pg.Client[];
  let generation: string;

  beforeEach(async () => {
    connectionString = (await postgres.freshDatabase()).ownerUrl;
    await ensureBuilding(connectionString, model, store);
    clients = [];
    const [first] = [await connect()];
    generation = (await generationIn(first, 'amounts_building'))?.name ?? '';
  });

  afterEach(async () => {
    await Promise.all(clients.map(disconnect));
  });

  const connect = async (): Promise<pg.Client> => {
    const client = await connectFeed(connectionString, 'amounts_building');
    clients.push(client);
    return client;
  };
  const target = async (): Promise<Target> => ({ client: await connect(), model, parked: new Map() });
  const at = (position: number): Place => ({ logId: store.logId, position, eventId: position === 0 ? null : randomUUID() });
  const moving = (from: number, to: number): Fence => movePlace(generation, at(from), at(to));
  const event = (position: number, totalMinor: number, stream = `transaction-${randomUUID()}`): RecordedEvent =>
    ({ type: 'TransactionRecorded', stream, position, revision: 0, data: { totalMinor } }) as RecordedEvent;
  const amounts = async (): Promise<number[]> => (await clients[0]?.query<AmountRow>('select minor from amount order by minor'))?.rows.map(({ minor }) => minor) ?? [];

  it('of two subscriptions to one generation is applied by the first, and the other loses all that it did', async () => {
    const [first, second] = [await target(), await target()];
    const outcomes = await Promise.allSettled([
      applyBatch(first, { events: [event(1, 1)], move: moving(0, 1) }),
      applyBatch(second, { events: [event(1, 2)], move: moving(0, 1) }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))).toEqual([expect.any(PlaceMoved)]);
    expect(await amounts()).toHaveLength(1);
  });

  it('loses against a swap that it waited for', async () => {
    const live = await target();
    expect(await swap(await connect(), model, { position: 0, orAhead: false })).toBe(true);
    await live.client.query('set search_path = amounts');
    await ensureBuilding(connectionString, model, store, true);
    const builder = await connect();
    await builder.query('begin');
    await builder.query(`update amounts.place set generation = 'retired'`);
    // Expected before it can happen: it may be refused before the answer to the commit is here.
    const lost = expect(applyBatch(live, { events: [event(1, 1)], move: moving(0, 1) })).rejects.toBeInstanceOf(PlaceMoved);
    await builder.query('commit');
    await lost;
  });

  it('does not swap in a build that is behind what is live', async () => {
    expect(await swap(await connect(), model, { position: 5, orAhead: false })).toBe(true);
    await clients[0]?.query('update amounts.place set position = 5');
    await ensureBuilding(connectionString, model, store, true);
    expect(await swap(await connect(), model, { position: 4, orAhead: false })).toBe(false);
    expect(await swap(await connect(), model, { position: 5, orAhead: false })).toBe(true);
  });

  it('takes over the offsets of what is live with the position of its own, and waits while a partition is further', async () => {
    expect(await swap(await connect(), model, { position: 0, orAhead: false })).toBe(true);
    await clients[0]?.query(`insert into amounts.partition_place (topic, partition, generation, next_offset, position, turn) values ('t', 0, 'g', 7, 5, 3), ('t', 1, 'g', null, 2, 0)`);
    await ensureBuilding(connectionString, model, store, true);
    await clients[0]?.query('update amounts_building.place set position = 6');
    expect(await swap(await connect(), model, { position: 4, orAhead: false })).toBe(false);
    expect(await swap(await connect(), model, { position: 6, orAhead: false })).toBe(true);
    const places = await clients[0]?.query('select p.topic, p.partition, p.generation = l.generation as is_live, p.next_offset, p.position from amounts.partition_place p cross join amounts.place l order by p.partition');
    expect(places?.rows).toEqual([
      { topic: 't', partition: 0, is_live: true, next_offset: '7', position: '6' },
      { topic: 't', partition: 1, is_live: true, next_offset: null, position: '6' },
    ]);
  });

  it('parks exactly the streams whose events the database refuses, and skips what comes after them', async () => {
    const poisoned = `transaction-${randomUUID()}`;
    const events = [event(1, 1), event(2, TOO_MUCH, poisoned), event(3, 3), { ...event(4, 4, poisoned), revision: 1 }, event(5, TOO_MUCH), event(6, 6)];
    const parked = await applyBatch(await target(), { events, move: moving(0, 6) });
    expect(parked.map(({ position, revision, reason }) => [position, revision, reason])).toEqual([
      [2, 0, 'error 22003'],
      [5, 0, 'error 22003'],
    ]);
    expect(await amounts()).toEqual([1, 3, 6]);
    expect(await generationIn(await connect(), 'amounts_building')).toMatchObject({ position: 6 });
  });

  it('applies all that can be, wherever what cannot lies', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), async (faulty) => {
        await clients[0]?.query('truncate amount; update place set position = 0');
        const events = faulty.map((isFaulty, index) => event(index + 1, isFaulty ? TOO_MUCH : index));
        const parked = await applyBatch(await target(), { events, move: moving(0, faulty.length) });
        expect(parked.map(({ position }) => position)).toEqual(faulty.flatMap((isFaulty, index) => (isFaulty ? [index + 1] : [])));
        expect(await amounts()).toEqual(faulty.flatMap((isFaulty, index) => (isFaulty ? [] : [index])));
      }),
      { numRuns: 15 },
    );
  });

  it('is not parked for what the database cannot do now', async () => {
    const away = await target();
    await clients[0]?.query('alter table amount rename to amount_away');
    await expect(applyBatch(away, { events: [event(1, 1)], move: moving(0, 1) })).rejects.toMatchObject({ code: '42P01' });
    await clients[0]?.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()');
    await expect(applyBatch(away, { events: [event(1, 1)], move: moving(0, 1) })).rejects.toThrow(/onnection/);
    expect((await clients[0]?.query('select 1 from parked'))?.rowCount).toBe(0);
  });

  it('writes texts as they are', async () => {
    const client = await connect();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(fc.string({ unit: 'binary' }).map((text) => text.toWellFormed().replaceAll('\u0000', ''))), { maxLength: 20 }), async (values) => {
        const { rows } = await client.query<{ text: string | null }>({ name: 'texts', text: 'select * from unnest($1::text[]) as t(text)', values: [texts(values)] });
        expect(rows.map(({ text }) => text)).toEqual(values);
      }),
    );
  });
});
