import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Compared by bytes: codes have no language, and keys must not depend on a server's. */
const BINARY = { collation: 'C' };

/** In the place of the other customer where more have something alike than are told in pairs. */
export const MANY = '00000000-0000-0000-0000-000000000000';

/**
 * Two customers who have something alike: what is made of `point` and `dismissed`, and no more than that. What more
 * than twenty share has instead of pairs a row for each department that has one of them.
 */
@Entity('alike')
@Index(['digest'])
@Index(['one', 'other'])
export class AlikeRow {
  /** Of the one. */
  @PrimaryColumn('text', BINARY)
  department!: string;

  /** Of the other. */
  @PrimaryColumn('text', BINARY)
  other_department!: string;

  /** The one with the lower id; of what many share its digest. */
  @PrimaryColumn('uuid')
  one!: string;

  @PrimaryColumn('uuid')
  other!: string;

  /** Of what they have alike: see `point`. */
  @PrimaryColumn('uuid')
  digest!: string;

  @Column('text')
  likeness!: string;

  /** Since when both have it: milliseconds since the epoch. Of what many share it is not told. */
  @Column('bigint', { nullable: true })
  since!: string | null;

  /** Whether somebody has said that they are two. */
  @Column('boolean')
  dismissed!: boolean;
}

/** Another of whom somebody has said, on the customer's own stream, that it is another. */
@Entity('dismissed')
export class DismissedRow {
  @PrimaryColumn('uuid')
  customer!: string;

  @PrimaryColumn('uuid')
  other!: string;

  /** The customer's own. */
  @Column('text')
  department!: string;
}
