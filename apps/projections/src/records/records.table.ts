import { ReaderIndex } from '@annals/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Compared by bytes: codes have no language, and keys must not depend on a server's. */
const CODE = { type: 'text', nullable: true, collation: 'C' } as const;

/** A communication or a transaction: what it is ordered and found by. What it says is read from its stream's state. */
@Entity('record')
@ReaderIndex(['category', 'at', 'id', 'combination'])
@ReaderIndex(['combination', 'at', 'id'])
@ReaderIndex(['combination', 'at', 'id'], { where: "turn = 'inbound'" })
@ReaderIndex(['combination', 'amount_minor', 'id'], { where: 'amount_minor is not null' })
@ReaderIndex(['conversation', 'at', 'id'], { where: 'conversation is not null' })
@ReaderIndex(['reference'], { where: 'reference is not null' })
@ReaderIndex(['number'], { where: 'number is not null' })
export class RecordRow {
  /** Index in the contracts' list of categories. */
  @PrimaryColumn('smallint')
  category!: number;

  @PrimaryColumn('uuid')
  id!: string;

  /** When it began or was done: milliseconds since the epoch. */
  @Column('bigint')
  at!: string;

  @Column({ type: 'text', collation: 'C' })
  department!: string;

  /** All that it is chosen by and that many have in common, as one number: see `combination`. */
  @Column('bigint')
  combination!: string;

  /** Of a transaction. */
  @Column('bigint', { nullable: true })
  amount_minor!: string | null;

  /** `<system>:<id>`, of the record in another system. */
  @Column(CODE)
  reference!: string | null;

  @Column(CODE)
  number!: string | null;

  /** Of a communication: which one it is part of. */
  @Column('uuid', { nullable: true })
  conversation!: string | null;

  /** Of a communication in a conversation that counts there: whose turn it was, `inbound` or `outbound`. */
  @Column(CODE)
  turn!: string | null;

  /** Of an inbound call: how long until it was answered. */
  @Column('bigint', { nullable: true })
  answer_ms!: string | null;
}

/**
 * What records are chosen by, each combination that there is once, and how many have it. There are few, and each
 * has its records in order: whatever is asked for, a page is merged from the first of each that fits.
 */
@Entity('combination')
export class CombinationRow {
  /** A hash of all that follows but the count. */
  @PrimaryColumn('bigint')
  id!: string;

  @Column('smallint')
  category!: number;

  @Column({ type: 'text', collation: 'C' })
  department!: string;

  /** Of a communication, as its disposition. */
  @Column(CODE)
  medium!: string | null;

  @Column(CODE)
  platform!: string | null;

  @Column(CODE)
  direction!: string | null;

  @Column(CODE)
  purpose!: string | null;

  @Column(CODE)
  disposition!: string | null;

  /** Of an inbound call: `answered` or `missed`, where that is known. */
  @Column(CODE)
  call!: string | null;

  /** By whom it was retracted. */
  @Column(CODE)
  retracted!: string | null;

  /** Of a transaction, as its currency and whether it was cancelled. */
  @Column(CODE)
  kind!: string | null;

  @Column(CODE)
  currency!: string | null;

  @Column('boolean', { nullable: true })
  cancelled!: boolean | null;

  /** Whether it concerns any customer. */
  @Column('boolean')
  concerns!: boolean;

  /** How many records have it; only ever added to. */
  @Column('bigint')
  count!: string;
}

/** A customer whom a record concerns. */
@Entity('concerned')
@ReaderIndex(['category', 'id', 'customer'])
export class ConcernedRow {
  @PrimaryColumn('uuid')
  customer!: string;

  @PrimaryColumn('smallint')
  category!: number;

  /** The record's. */
  @PrimaryColumn('bigint')
  at!: string;

  /** The record. */
  @PrimaryColumn('uuid')
  id!: string;

  /** The record's. */
  @Column({ type: 'text', collation: 'C' })
  department!: string;
}

/** A customer, as far as records are chosen by whom they concern. */
@Entity('customer')
@ReaderIndex(['country', 'id'])
export class CustomerRow {
  @PrimaryColumn('uuid')
  id!: string;

  @Column({ type: 'text', collation: 'C' })
  department!: string;

  @Column(CODE)
  country!: string | null;
}
