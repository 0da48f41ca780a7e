import type { CustomerBody, SegmentBody } from './timeline.state.js';

/** How an entry is filtered; null where that means nothing for it. */
export interface Filtered {
  readonly category: number;
  readonly department: string;
  readonly medium: string | null;
  readonly platform: string | null;
  readonly direction: string | null;
  readonly purpose: string | null;
  /** The conversation that it is part of: only whether there is one, for a timeline to be folded. */
  readonly conversation: string | null;
}

/** An entry of a customer's timeline that is there or is taken away. */
export interface EntryChange extends Filtered {
  readonly to: 'entry';
  readonly customer: string;
  readonly at: number;
  readonly id: string;
  /** See `combinationOf`. */
  readonly combination: bigint;
  readonly body: CustomerBody | SegmentBody | null;
  /** What it is found by; empty for all but communications. */
  readonly words: readonly string[];
  readonly present: boolean;
}

/** A change to the tables of the timeline. */
export type TimelineChange = EntryChange | { readonly to: 'segment'; readonly id: string; readonly name: string };
