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

/** Where a generation stands on a partition of a topic, where it is fed from Kafka: see `partition-places.ts`. */
@Entity('partition_place')
export class PartitionPlaceRow {
  @PrimaryColumn('text')
  topic!: string;

  @PrimaryColumn('smallint')
  partition!: number;

  @Column('text')
  generation!: string;

  @Column('bigint', { nullable: true })
  next_offset!: string | null;

  @Column('bigint')
  position!: string;

  @Column('uuid', { nullable: true })
  event_id!: string | null;

  /** How often it was moved: by compare-and-set. */
  @Column('bigint')
  turn!: string;
}

/** A record of a topic that is not the log's: nothing was made of it. */
@Entity('refused')
export class RefusedRow {
  @PrimaryColumn('text')
  topic!: string;

  @PrimaryColumn('smallint')
  partition!: number;

  @PrimaryColumn('bigint')
  record_offset!: string;

  @Column('text')
  reason!: string;

  @Column('timestamptz')
  refused_at!: Date;
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
