import { ReaderIndex, UpdatedInPlace } from '@annals/read-models';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * One entry of one customer's timeline: where it stands and what it is filtered by. What a communication,
 * transaction or follow-up says is read from its stream's state, so that it is kept once and changes in one place.
 */
@Entity('entry')
@ReaderIndex(['customer', 'combination', 'at', 'id'])
@Index(['customer', 'conversation', 'combination', 'at', 'id'], { where: 'conversation is not null' })
export class EntryRow {
  @PrimaryColumn('uuid')
  customer!: string;

  /** Milliseconds since the epoch. */
  @PrimaryColumn('bigint')
  at!: string;

  /** The record's id, or the event's where each event is an entry. */
  @PrimaryColumn('uuid')
  id!: string;

  /** Index in the contracts' list of categories: what kind of stream it is of. */
  @Column('smallint')
  category!: number;

  @Column('text')
  department!: string;

  /** All that it is filtered by, as one number: see `combination`. */
  @Column('bigint')
  combination!: string;

  @Column('uuid', { nullable: true })
  conversation!: string | null;

  /** JSON of an entry that is an event, in full; null where the stream's state says it. */
  @Column('text', { nullable: true })
  body!: string | null;
}

/**
 * What entries of a customer are filtered by, each combination that there is once. There are few, and each has
 * its entries in order of time: whatever is asked for, a page is merged from the first of each that fits.
 */
@Entity('combination')
@UpdatedInPlace()
export class CombinationRow {
  @PrimaryColumn('uuid')
  customer!: string;

  /** A hash of all that follows. */
  @PrimaryColumn('bigint')
  id!: string;

  @Column('smallint')
  category!: number;

  @Column('text')
  department!: string;

  @Column('text', { nullable: true })
  medium!: string | null;

  @Column('text', { nullable: true })
  platform!: string | null;

  @Column('text', { nullable: true })
  direction!: string | null;

  @Column('text', { nullable: true })
  purpose!: string | null;

  /** Whether its entries are part of conversations, by which a timeline is folded. */
  @Column('boolean')
  threaded!: boolean;

  /** How many entries have it; only ever added to. */
  @Column('integer')
  count!: number;
}

/** Times before and after all that JavaScript has: the last and the first of a row that counts nothing. */
export const [BEFORE_ALL, AFTER_ALL] = [-8_640_000_000_000_001, 8_640_000_000_000_001];

/**
 * What a customer's conversation holds of one combination within thirty days. Cut like this, the conversations
 * that go on across an instant are few and found by an index, and no row is of thousands of days.
 */
@Entity('thread')
@UpdatedInPlace()
@ReaderIndex(['customer', 'combination', 'last_at', 'last_id'])
export class ThreadRow {
  @PrimaryColumn('uuid')
  customer!: string;

  @PrimaryColumn('uuid')
  conversation!: string;

  /** Which thirty days since the epoch. */
  @PrimaryColumn('integer')
  span!: number;

  @PrimaryColumn('bigint')
  combination!: string;

  /** How many entries there are; only ever added to. */
  @Column('integer')
  count!: number;

  /** Of the first of them. */
  @Column('bigint')
  first_at!: string;

  /** Of the last of them: found again among those that are left where it is taken away. */
  @Column('bigint')
  last_at!: string;

  @Column('uuid')
  last_id!: string;
}

/** The words by which an entry is found. */
@Entity('said')
@ReaderIndex(['words'], { type: 'gin' })
export class SaidRow {
  @PrimaryColumn('uuid')
  customer!: string;

  @PrimaryColumn('bigint')
  at!: string;

  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  department!: string;

  /** Each with its customer as one number. */
  @Column('bigint', { array: true })
  words!: string[];
}

/** The names of a segment. */
@Entity('segment')
export class SegmentRow {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;
}
