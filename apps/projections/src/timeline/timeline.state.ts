import type { TimelineEntry } from '@annals/contracts';

type Entry<Kind extends TimelineEntry['kind']> = Extract<TimelineEntry, { kind: Kind }>;

/** What every record's entry rests on beside what it shows. */
interface Placed {
  readonly customers: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly department: string;
}

type Shown<Kind extends TimelineEntry['kind']> = Readonly<Omit<Entry<Kind>, 'id' | 'at' | 'stream' | 'revision' | 'department'>>;

/** What the timeline keeps of a communication. */
export type CommunicationBody = Shown<'communication'> & Placed;
/** What the timeline keeps of a transaction. */
export type TransactionBody = Shown<'transaction'> & Placed;
/** What the timeline keeps of one stream; nothing where each event is an entry of its own. */
export type TimelineState = CommunicationBody | TransactionBody;

/** What an entry about the customer's own record says. */
export type CustomerBody = Shown<'customer'> & { readonly revision: number };
/** What an entry about a segment says; names are added when it is read. */
export type SegmentBody = Omit<Shown<'segment'>, 'fromName' | 'toName'> & { readonly revision: number };
