import type { MembershipChange, RowChange } from '../card/card.changes.js';

/** What a record is chosen by and many have in common; null where that means nothing for it. */
export interface Combined {
  readonly category: number;
  readonly department: string;
  readonly medium: string | null;
  readonly platform: string | null;
  readonly direction: string | null;
  readonly purpose: string | null;
  readonly disposition: string | null;
  readonly call: 'answered' | 'missed' | null;
  readonly retracted: 'staff' | 'sender' | null;
  readonly kind: string | null;
  readonly currency: string | null;
  readonly cancelled: boolean | null;
  readonly concerns: boolean;
}

/** A record's row. Times in milliseconds since the epoch. */
export interface RecordValues extends Combined {
  readonly id: string;
  readonly at: number;
  readonly amountMinor: number | null;
  readonly reference: string | null;
  readonly number: string | null;
  readonly conversation: string | null;
  readonly turn: 'inbound' | 'outbound' | null;
  readonly answerMs: number | null;
}

/** A record as it is now, and as it was before; null where it was not there. */
export interface RecordChange {
  readonly to: 'record';
  readonly now: RecordValues;
  readonly before: RecordValues | null;
}

/** A customer whom a record concerns, or no longer does. */
export interface ConcernedChange {
  readonly to: 'concerned';
  readonly customer: string;
  readonly category: number;
  readonly at: number;
  readonly id: string;
  readonly department: string;
  readonly present: boolean;
}

interface CustomerChange {
  readonly to: 'customer';
  readonly id: string;
  readonly department: string;
  readonly country: string | null;
}

/** A change to the tables of records. */
export type RecordsChange = RecordChange | ConcernedChange | CustomerChange | Extract<RowChange, { readonly to: 'tagged' | 'assigned' }> | MembershipChange;

/** The changes to one table. */
export type ChangesTo<Table extends RecordsChange['to']> = Extract<RecordsChange, { readonly to: Table }>;
