import { ReaderIndex, UpdatedInPlace } from '@annals/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Compared by bytes: codes have no language, and keys must not depend on a server's. */
const BINARY = { collation: 'C' };

/** How often, and for how much: of a customer within a department. Figures are only ever added to. */
@Entity('total')
@UpdatedInPlace()
export class TotalRow {
  @PrimaryColumn('uuid')
  customer!: string;

  @PrimaryColumn('text', BINARY)
  department!: string;

  /** A kind of transaction, or `communication`. */
  @PrimaryColumn('text', BINARY)
  what!: string;

  /** A transaction's currency, a communication's medium. */
  @PrimaryColumn('text', BINARY)
  unit!: string;

  @Column('bigint')
  count!: string;

  @Column('bigint')
  amount_minor!: string;
}

/** A communication of a customer, from which the last one on each medium is found: a maximum cannot be taken back. */
@Entity('contact')
export class ContactRow {
  @PrimaryColumn('uuid')
  customer!: string;

  @PrimaryColumn('text', BINARY)
  medium!: string;

  /** Milliseconds since the epoch: years before 1 BC and the like are no dates to PostgreSQL. */
  @PrimaryColumn('bigint')
  at!: string;

  @PrimaryColumn('uuid')
  communication!: string;

  @Column('text')
  department!: string;
}

/** A transaction in which a customer has a part. */
@Entity('bought')
export class BoughtRow {
  @PrimaryColumn('uuid')
  customer!: string;

  /** Milliseconds since the epoch. */
  @PrimaryColumn('bigint')
  at!: string;

  @PrimaryColumn('uuid')
  transaction!: string;

  @Column('text')
  department!: string;
}

/** A form under which a customer is found by name. */
@Entity('name')
@ReaderIndex(['department', 'name', 'customer'])
export class NameRow {
  @PrimaryColumn('uuid')
  customer!: string;

  @PrimaryColumn('text', BINARY)
  name!: string;

  /** The customer's own. */
  @Column({ type: 'text', collation: 'C' })
  department!: string;
}

/** An external reference of a customer. */
@Entity('reference')
export class ReferenceRow {
  @PrimaryColumn('text', BINARY)
  system!: string;

  @PrimaryColumn('text', BINARY)
  id!: string;

  @PrimaryColumn('uuid')
  customer!: string;

  @Column('text')
  department!: string;
}

/** The segment that a customer is in; null after it left. */
@Entity('membership')
@ReaderIndex(['segment', 'customer'])
export class MembershipRow {
  @PrimaryColumn('uuid')
  customer!: string;

  @PrimaryColumn('uuid')
  segmentation!: string;

  @Column('uuid', { nullable: true })
  segment!: string | null;

  @Column('bigint')
  since!: string;

  @Column('integer')
  model!: number;

  @Column('text')
  department!: string;
}

/** The names of a segment. */
@Entity('segment')
export class SegmentRow {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  en!: string;

  @Column('text')
  zh!: string;
}

/** Records by the system that they came from. Figures are only ever added to. */
@Entity('source')
export class SourceRow {
  @PrimaryColumn('text', BINARY)
  system!: string;

  @PrimaryColumn('text', BINARY)
  department!: string;

  /** A kind of transaction, or `customer` or `communication`. */
  @PrimaryColumn('text', BINARY)
  what!: string;

  /** A transaction's currency; empty for others. */
  @PrimaryColumn('text', BINARY)
  unit!: string;

  @Column('bigint')
  count!: string;

  @Column('bigint')
  amount_minor!: string;

  @Column('bigint')
  lines!: string;
}
