import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Where the subscription of this generation stands: one row, moved by compare-and-set. */
@Entity('place')
export class PlaceRow {
  @PrimaryColumn('smallint')
  id!: number;

  /** `<hash>-<n>`: what the tables hold, and the how manieth build it is. */
  @Column('text')
  generation!: string;

  @Column('uuid')
  log_id!: string;

  @Column('bigint')
  position!: string;

  @Column('uuid', { nullable: true })
  event_id!: string | null;
}

/** A stream whose events are not applied any more, from the one that could not be. */
@Entity('parked')
export class ParkedRow {
  @PrimaryColumn('text')
  stream!: string;

  @Column('integer')
  from_revision!: number;

  @Column('bigint')
  position!: string;

  @Column('text')
  reason!: string;

  @Column('timestamptz')
  parked_at!: Date;
}

/** What `foldStreams` keeps of each stream: the revision applied, and the state folded so far. */
@Entity('stream_state')
export class StreamStateRow {
  @PrimaryColumn('uuid')
  id!: string;

  /** Index in the contracts' list of categories. */
  @PrimaryColumn('smallint')
  category!: number;

  @Column('integer')
  revision!: number;

  /** JSON, as text: it is written and read whole, and jsonb would refuse U+0000 and reorder keys. */
  @Column('text', { nullable: true })
  state!: string | null;
}
