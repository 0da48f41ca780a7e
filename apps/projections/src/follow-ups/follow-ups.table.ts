import { ReaderIndex } from '@annals/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A follow-up: where it stands and what it is filtered by. What it says is read from its stream's state. */
@Entity('followup')
@ReaderIndex(['customer', 'due_at', 'id'], { where: 'is_open' })
@ReaderIndex(['due_at', 'id'], { where: 'is_open' })
@ReaderIndex(['staff', 'due_at', 'id'], { where: 'is_open' })
@ReaderIndex(['assigned_department', 'due_at', 'id'], { where: 'is_open' })
@ReaderIndex(['department', 'due_at', 'id'], { where: 'is_open' })
export class FollowUpRow {
  @PrimaryColumn('uuid')
  id!: string;

  /** Whom it is about, where that is a customer. */
  @Column('uuid', { nullable: true })
  customer!: string | null;

  /** That recorded it. */
  @Column({ type: 'text', collation: 'C' })
  department!: string;

  /** Who is to do it; null where a department is. */
  @Column({ type: 'text', nullable: true, collation: 'C' })
  staff!: string | null;

  /** Which department is to do it; null where somebody is. */
  @Column({ type: 'text', nullable: true, collation: 'C' })
  assigned_department!: string | null;

  /** Milliseconds since the epoch. */
  @Column('bigint')
  due_at!: string;

  @Column('boolean')
  is_open!: boolean;
}
