import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A count or sum of one customer. Figures are only ever added to. */
@Entity('figure')
export class FigureRow {
  @PrimaryColumn('uuid')
  customer!: string;

  /** `invoices`, `billed` or `communications`. */
  @PrimaryColumn('text')
  measure!: string;

  /** A currency for `billed`, else empty. */
  @PrimaryColumn('text')
  unit!: string;

  @Column('bigint')
  value!: string;
}

/** A dealing with a customer, from which the last one is found: a maximum cannot be taken back. */
@Entity('dealing')
export class DealingRow {
  @PrimaryColumn('uuid')
  customer!: string;

  /** Milliseconds since the epoch. */
  @PrimaryColumn('bigint')
  at!: string;

  /** The transaction or communication. */
  @PrimaryColumn('uuid')
  record!: string;

  @Column('text')
  department!: string;
}

/** The data's own clock: the latest moment that any dealing is about. It never goes back. */
@Entity('clock')
export class ClockRow {
  @PrimaryColumn('smallint')
  id!: number;

  @Column('bigint')
  at!: string;
}
