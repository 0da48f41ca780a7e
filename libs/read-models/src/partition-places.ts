import type { Place } from '@annals/event-store';
import type { PartitionPlace, RefusedRecord, TopicPartition } from '@annals/messaging';
import type pg from 'pg';

import type { Fence } from './batch.js';
import { bigints, smallints, texts, uuids } from './columns.js';
import type { Transaction } from './read-model.js';

/** The place of a partition, and how often it was moved: who knows another number has lost it. */
export interface HeldPlace extends PartitionPlace {
  readonly turn: number;
}

/** Partitions are told apart by this. */
export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic} ${partition}`;

const ADOPT = `insert into partition_place as p (topic, partition, generation, position, event_id, turn)
  select k.topic, k.partition, $1, $2, $3, 0 from unnest($4::text[], $5::smallint[]) as k(topic, partition)
  on conflict (topic, partition) do update set position = excluded.position, event_id = excluded.event_id, turn = p.turn + 1
  where p.position < excluded.position`;

const LOAD = `select topic, partition, next_offset, position, event_id, turn from partition_place where generation = $1`;

const MOVE = `with moved as (
    update partition_place p set next_offset = k.next_offset, position = k.position, event_id = k.event_id, turn = p.turn + 1
    from unnest($2::text[], $3::smallint[], $4::bigint[], $5::bigint[], $6::uuid[], $7::bigint[]) as k(topic, partition, next_offset, position, event_id, turn)
    where p.generation = $1 and p.topic = k.topic and p.partition = k.partition and p.turn = k.turn returning 1)
  select count(*)::int as n from moved`;

const HOLD = `update partition_place set turn = turn + 1 where generation = $1 and topic = $2 and partition = $3 returning turn`;

/** A topic full of what is none of ours must not fill the read models' database. */
const MOST_REFUSED = 10_000;
const REFUSE = `insert into refused (topic, partition, record_offset, reason, refused_at)
  select k.topic, k.partition, k.record_offset, k.reason, now()
  from unnest($1::text[], $2::smallint[], $3::bigint[], $4::text[]) as k(topic, partition, record_offset, reason)
  where (select count(*) from refused) < ${MOST_REFUSED} on conflict do nothing`;

interface Row {
  readonly topic: string;
  readonly partition: number;
  readonly next_offset: string | null;
  readonly position: string;
  readonly event_id: string | null;
  readonly turn: string;
}

/**
 * The places of a generation's partitions; those that are not there yet, or behind the place up to which everything is
 * applied, begin at that.
 *
 * @returns by `keyOf`
 */
export async function adoptPlaces(client: pg.Client, generation: string, { position, eventId }: Place, partitions: readonly TopicPartition[]): Promise<Map<string, HeldPlace>> {
  await client.query(ADOPT, [generation, position, eventId, texts(partitions.map(({ topic }) => topic)), smallints(partitions.map(({ partition }) => partition))]);
  return await loadPlaces(client, generation);
}

/** The places of a generation's partitions as they are now, by `keyOf`; none where the generation is there no more. */
export async function loadPlaces(client: pg.Client, generation: string): Promise<Map<string, HeldPlace>> {
  const { rows } = await client.query<Row>(LOAD, [generation]);
  return new Map(rows.map((row) => [keyOf(row), placeOf(row)]));
}

function placeOf({ topic, partition, next_offset: offset, position, event_id: eventId, turn }: Row): HeldPlace {
  return { topic, partition, offset: offset === null ? null : Number(offset), position: Number(position), eventId, turn: Number(turn) };
}

/** Moves the places of partitions, all or none, and notes what was refused on the way. */
export const movePlaces =
  (generation: string, moves: readonly HeldPlace[], refused: readonly RefusedRecord[]): Fence =>
  async (transaction: Transaction) => {
    const rows = [...moves].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const moving = transaction.query<{ n: number }>('partition_places_move', MOVE, [
      generation, texts(rows.map(({ topic }) => topic)), smallints(rows.map(({ partition }) => partition)), bigints(rows.map(({ offset }) => offset)),
      bigints(rows.map(({ position }) => position)), uuids(rows.map(({ eventId }) => eventId)), bigints(rows.map(({ turn }) => turn)),
    ]);
    if (refused.length > 0) {
      const values = [texts(refused.map(({ topic }) => topic)), smallints(refused.map(({ partition }) => partition)), bigints(refused.map(({ offset }) => offset)), texts(refused.map(({ reason }) => reason))];
      await Promise.all([moving, transaction.query('refused_note', REFUSE, values)]);
    }
    return (await moving)[0]?.n === rows.length;
  };

/** Holds the place of one partition: who knows it as it was has lost it. */
export const holdPartition =
  (generation: string, { topic, partition }: TopicPartition): Fence =>
  async (transaction) =>
    (await transaction.query('partition_place_hold', HOLD, [generation, topic, partition])).length > 0;
