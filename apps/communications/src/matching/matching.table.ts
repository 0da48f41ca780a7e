import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A customer's contact point, by the keyed digest of its address: nothing here tells the address. */
@Entity('owner')
export class OwnerRow {
  @PrimaryColumn('uuid')
  digest!: string;

  @PrimaryColumn('uuid')
  customer!: string;

  /** The customer's own. */
  @Column('text')
  department!: string;

  @PrimaryColumn('uuid')
  contact_point!: string;

  /** Position in the log from which it was the customer's. */
  @PrimaryColumn('bigint')
  added!: string;

  /** Position from which it was so no more. */
  @Column('bigint', { nullable: true })
  removed!: string | null;
}

/** An address that was used in a communication. */
@Entity('sighting')
export class SightingRow {
  @PrimaryColumn('uuid')
  digest!: string;

  @PrimaryColumn('uuid')
  @Index()
  communication!: string;

  /** Kind of the address. */
  @Column('text')
  kind!: string;

  /** Position of the event that first named the address. */
  @Column('bigint')
  position!: string;

  /** Id of that event. */
  @Column('uuid')
  cause!: string;
}

/** What is known of the communication beside its addresses. */
@Entity('communication')
export class CommunicationRow {
  @PrimaryColumn('uuid')
  id!: string;

  /** When it began: milliseconds since the epoch. */
  @Column('bigint')
  at!: string;

  @Column('text')
  department!: string;

  @Column('boolean')
  retracted!: boolean;

  /** Customers who are its subjects now. */
  @Column('uuid', { array: true })
  subjects!: string[];

  /** Customers of whom somebody has said whether they took part. */
  @Column('uuid', { array: true })
  judged!: string[];
}

/** What follows from the tables above for one address of one communication: to be linked by the service, or shown to a person. */
@Entity('suggestion')
@Index(['at', 'communication', 'digest'])
export class SuggestionRow {
  @PrimaryColumn('uuid')
  communication!: string;

  @PrimaryColumn('uuid')
  @Index()
  digest!: string;

  @Column('text')
  kind!: string;

  @Column('bigint')
  at!: string;

  @Column('text')
  department!: string;

  /** To whom the address belongs now, of those about whom nothing was said. */
  @Column('uuid', { array: true })
  customers!: string[];

  /** The one customer to whom the address belonged when it was used: to be linked by the service. */
  @Column('uuid', { nullable: true })
  @Index()
  owner_then!: string | null;

  @Column('uuid')
  cause!: string;
}
