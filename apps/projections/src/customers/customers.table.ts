import { ReaderIndex, UpdatedInPlace } from '@annals/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Compared by bytes: codes have no language, and keys must not depend on a server's. */
const BINARY = { collation: 'C' };

/** Before every time that JavaScript has: a customer without a contact is the last by last contact. */
export const NEVER = -8_640_000_000_000_001;

/**
 * A customer as those see it who see a path of departments and all below it: once for each path down to the
 * departments that it has to do with. Those that its own department lies below have its profile; the others
 * have only what is summed up, and are not shown until then.
 */
@Entity('listed')
@UpdatedInPlace()
@ReaderIndex(['path', 'name', 'customer'])
@ReaderIndex(['path', 'last_at', 'customer'])
@ReaderIndex(['path', 'registered_at', 'customer'])
@ReaderIndex(['path', 'country', 'customer'])
export class ListedRow {
  @PrimaryColumn('text', BINARY)
  path!: string;

  @PrimaryColumn('uuid')
  customer!: string;

  /** The customer's own; null where that does not lie below the path. */
  @Column({ type: 'text', nullable: true, collation: 'C' })
  department!: string | null;

  @Column({ type: 'text', nullable: true, collation: 'C' })
  country!: string | null;

  /** The name as it is sorted; empty where there is none. */
  @Column({ type: 'text', default: '', collation: 'C' })
  name!: string;

  /** Milliseconds since the epoch. */
  @Column({ type: 'bigint', default: NEVER })
  registered_at!: string;

  /** Of the last communication in departments below the path. */
  @Column({ type: 'bigint', default: NEVER })
  last_at!: string;
}

/** What a customer was billed by departments below a path. Figures are only ever added to. */
@Entity('billed')
@UpdatedInPlace()
@ReaderIndex(['path', 'currency', 'amount_minor', 'customer'])
export class BilledRow {
  @PrimaryColumn('text', BINARY)
  path!: string;

  @PrimaryColumn('uuid')
  customer!: string;

  @PrimaryColumn('text', BINARY)
  currency!: string;

  @Column('bigint')
  count!: string;

  @Column('bigint')
  amount_minor!: string;
}

/** By what a customer can be reached or is known, and others too: the first half of an HMAC of its kind and form. */
@Entity('point')
export class PointRow {
  @PrimaryColumn('uuid')
  digest!: string;

  /** The customer's own: part of the key, so that those of a department are found among many. */
  @PrimaryColumn('text', BINARY)
  department!: string;

  @PrimaryColumn('uuid')
  customer!: string;

  /** What it is: a contact point of a kind, or a reference of a system without what is written in several ways. */
  @Column('text')
  likeness!: string;

  /** Milliseconds since the epoch. */
  @Column('bigint')
  since!: string;
}

/** A tag of a customer. */
@Entity('tagged')
@ReaderIndex(['tag', 'customer'])
export class TaggedRow {
  @PrimaryColumn('uuid')
  customer!: string;

  @PrimaryColumn('text', BINARY)
  tag!: string;

  /** The customer's own. */
  @Column({ type: 'text', collation: 'C' })
  department!: string;
}

/** One of the staff to whom a customer is assigned in some role. */
@Entity('assigned')
@ReaderIndex(['staff', 'customer'])
export class AssignedRow {
  @PrimaryColumn('uuid')
  customer!: string;

  @PrimaryColumn('text', BINARY)
  role!: string;

  @PrimaryColumn('text', BINARY)
  staff!: string;

  /** The customer's own. */
  @Column({ type: 'text', collation: 'C' })
  department!: string;
}
