import { ReaderIndex } from '@annals/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The segment that a customer is in; null after it left. */
@Entity('membership')
@ReaderIndex(['segmentation', 'segment', 'customer'])
export class MembershipRow {
  @PrimaryColumn('uuid')
  segmentation!: string;

  @PrimaryColumn('uuid')
  customer!: string;

  @Column('uuid', { nullable: true })
  segment!: string | null;

  /** Milliseconds since the epoch. */
  @Column('bigint')
  since!: string;

  @Column('integer')
  model!: number;

  @Column('text')
  department!: string;
}

/** The active model of a segmentation. */
@Entity('model')
export class ModelRow {
  @PrimaryColumn('uuid')
  segmentation!: string;

  /** Id of the SegmentationTrained event. */
  @Column('uuid')
  trained_event!: string;

  /** Milliseconds since the epoch. */
  @Column('bigint')
  recorded_at!: string;

  /** The data of that event, as JSON. */
  @Column('text')
  trained!: string;
}
