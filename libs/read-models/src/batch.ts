import type { RecordedEvent } from '@annals/contracts';
import { UnreadableEvent } from '@annals/sealing';
import type pg from 'pg';

import { transactionOn } from './database.js';
import { cureOf, PlaceMoved } from './errors.js';
import type { ReadModel, Transaction } from './read-model.js';

/** Moves or holds the place of a generation by compare-and-set, in a transaction; false where another has it. */
export type Fence = (transaction: Transaction) => Promise<boolean>;

/** What a subscription has to apply next, and how its place moves with it. */
export interface Batch {
  readonly events: readonly (RecordedEvent | UnreadableEvent)[];
  readonly move: Fence;
}

/** A stream that a batch parked. */
export interface Parked {
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  /** Why, in words that hold no personal data. */
  readonly reason: string;
}

/** A generation as a subscription's transactions see it: `search_path` is its schema. */
export interface Target {
  readonly client: pg.Client;
  readonly model: ReadModel;
  /** Streams that are parked now. */
  readonly parked: { has(stream: string): boolean };
}

const PARK = `insert into parked (stream, from_revision, position, reason, parked_at) values ($1, $2, $3, $4, now())
  on conflict (stream) do nothing`;

/**
 * Applies a batch and moves the place, in one transaction. The place is moved first, by compare-and-set:
 * of two subscriptions to one generation the second waits there and loses. Streams whose events cannot be
 * applied are parked in the same transaction.
 *
 * @returns the streams parked
 * @throws PlaceMoved where another subscription was first; errors of the database
 */
export async function applyBatch(target: Target, batch: Batch): Promise<Parked[]> {
  const listed = new Set<string>(target.model.events);
  const events = batch.events.filter((event) => listed.has(typeOf(event)) && !target.parked.has(streamOf(event)));
  const readable = events.filter(isReadable);
  if (readable.length === events.length && (await isAppliedWhole(target, batch, readable))) return [];
  return inTransaction(target, { careful: true, fence: batch.move }, (transaction) => applyParking(transaction, target.model, events));
}

const isReadable = (event: RecordedEvent | UnreadableEvent): event is RecordedEvent => !(event instanceof UnreadableEvent);

/** The normal case: nothing is wrong with any event and none was applied before, and no savepoint is paid for. */
async function isAppliedWhole(target: Target, batch: Batch, events: readonly RecordedEvent[]): Promise<boolean> {
  try {
    await inTransaction(target, { careful: false, fence: batch.move }, async (transaction) => {
      if (events.length > 0) await target.model.apply(transaction, events);
    });
    return true;
  } catch (error) {
    if (cureOf(error) !== 'park') throw error;
    return false;
  }
}

/**
 * Runs a transaction that begins with taking the place.
 *
 * @throws PlaceMoved where the place was lost
 */
async function inTransaction<T>(
  { client }: Target,
  { careful, fence }: { readonly careful: boolean; readonly fence: Fence },
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const transaction = transactionOn(client, careful);
  // Sent at once: the server runs them in order, and this side waits for the network once.
  const begun = client.query('begin');
  const fenced = fence(transaction);
  const worked = work(transaction);
  const [begin, held, done] = await Promise.allSettled([begun, fenced, worked]);
  if (begin.status === 'fulfilled' && held.status === 'fulfilled' && held.value && done.status === 'fulfilled') {
    await client.query('commit');
    return done.value;
  }
  await client.query('rollback');
  if (held.status === 'fulfilled' && !held.value) throw new PlaceMoved('another subscription moved the place');
  throw [begin, held, done].find((outcome) => outcome.status === 'rejected')?.reason;
}

const UNPARK = 'delete from parked where stream = $1';

/** A stream that is parked, and what keeps others from applying it meanwhile. */
export interface Retried {
  readonly stream: string;
  readonly hold: Fence;
}

/**
 * Applies a parked stream from where it stopped, and takes it off the list, in one transaction. What the
 * subscription delivers of it later is known by its revision and skipped.
 *
 * @param pages - the stream's events from the one that could not be applied
 * @returns why it stays parked, or undefined where it does not
 */
export async function applyParked(target: Target, { stream, hold }: Retried, pages: AsyncIterable<Batch['events']>): Promise<string | undefined> {
  const listed = new Set<string>(target.model.events);
  try {
    await inTransaction(target, { careful: true, fence: hold }, async (transaction) => {
      for await (const page of pages) {
        const unreadable = page.find((event) => event instanceof UnreadableEvent);
        if (unreadable !== undefined) throw unreadable;
        await target.model.apply(transaction, page.filter(isReadable).filter(({ type }) => listed.has(type)));
      }
      await transaction.query('unpark', UNPARK, [stream]);
    });
    return undefined;
  } catch (error) {
    if (cureOf(error) !== 'park') throw error;
    return error instanceof UnreadableEvent ? error.reason : reasonOf(error);
  }
}

/** Applies what can be applied: halves a part that fails until the culprit is alone, and parks its stream. */
async function applyParking(
  transaction: Transaction,
  model: ReadModel,
  events: readonly (RecordedEvent | UnreadableEvent)[],
): Promise<Parked[]> {
  const parked = new Map<string, Parked>();
  // A work list in place of recursion: the part in front is applied or halved, so order is kept.
  const parts: (readonly (RecordedEvent | UnreadableEvent)[])[] = [events];
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    const left = part.filter((event) => !parked.has(streamOf(event)));
    if (left.length === 0) continue;
    const reason = await attempt(transaction, model, left);
    if (reason === undefined) continue;
    const [only] = left;
    if (left.length > 1 || only === undefined) {
      const half = Math.ceil(left.length / 2);
      parts.unshift(left.slice(0, half), left.slice(half));
      continue;
    }
    const entry = parkedAt(only, reason);
    parked.set(entry.stream, entry);
    await park(transaction, entry);
  }
  return [...parked.values()];
}

/** @returns why it failed, or undefined where it did not */
async function attempt(
  transaction: Transaction,
  model: ReadModel,
  events: readonly (RecordedEvent | UnreadableEvent)[],
): Promise<string | undefined> {
  const unreadable = events.find((event) => event instanceof UnreadableEvent);
  if (unreadable !== undefined) return unreadable.reason;
  await transaction.query('part_begin', 'savepoint part', []);
  try {
    await model.apply(transaction, events.filter(isReadable));
    await transaction.query('part_end', 'release savepoint part', []);
    return undefined;
  } catch (error) {
    if (cureOf(error) !== 'park') throw error;
    await transaction.query('part_undo', 'rollback to savepoint part', []);
    return reasonOf(error);
  }
}

/** Parks a stream. */
async function park(transaction: Transaction, { stream, revision, position, reason }: Parked): Promise<void> {
  await transaction.query('park', PARK, [stream, revision, position, reason]);
}

function parkedAt(event: RecordedEvent | UnreadableEvent, reason: string): Parked {
  const { stream, revision, position } = event instanceof UnreadableEvent ? event.event : event;
  return { stream, revision, position, reason };
}

const streamOf = (event: RecordedEvent | UnreadableEvent): string => (event instanceof UnreadableEvent ? event.event.stream : event.stream);
const typeOf = (event: RecordedEvent | UnreadableEvent): string => (event instanceof UnreadableEvent ? event.event.type : event.type);

/** The kind of error only: a database's words may quote the data. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'an unknown error';
  if ('code' in error && typeof error.code === 'string') return `${error.name} ${error.code}`;
  return error.name === 'Error' || error.name === 'TypeError' || error.name === 'RangeError' ? `${error.name}: ${firstLine(error.message)}` : error.name;
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 200);
