import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * One entry of one customer's timeline: where it stands and what it is filtered by. What a communication or
 * transaction says is read from its stream's state, so that it is kept once and changes in one place.
 */
@Entity('entry')
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

  @Column('text', { nullable: true })
  medium!: string | null;

  @Column('text', { nullable: true })
  platform!: string | null;

  @Column('text', { nullable: true })
  direction!: string | null;

  @Column('text', { nullable: true })
  purpose!: string | null;

  /** JSON of an entry that is an event, in full; null where the stream's state says it. */
  @Column('text', { nullable: true })
  body!: string | null;
}

/** The names of a segment. */
@Entity('segment')
export class SegmentRow {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;
}
