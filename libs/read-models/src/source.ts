import type { Place } from '@annals/event-store';

import type { Batch, Fence, Parked } from './batch.js';

/** What is to be applied next. */
export interface SourcePage extends Batch {
  /** False where there is nothing to apply, and the place stays where it is. */
  readonly moved: boolean;
  /** True when there is likely more. */
  readonly full: boolean;
}

/**
 * Where a feed has its events from: the log itself, or Kafka. The one who reads is the one who moves the place, page by page,
 * in the transaction that applies the page.
 */
export interface Source {
  /** Everything of the read model's events up to here is applied. */
  readonly place: Place;
  /** How long to wait before reading again where nothing was there, unless something is heard of before. */
  readonly pollMs: number;
  /** The next page; the same as before where that was not applied. */
  read(): Promise<SourcePage>;
  /** The page that was read last is applied. */
  applied(): Promise<void>;
  /** The place was another's when the page was applied. @returns whether to go on reading; else the feed begins anew */
  lost(): Promise<boolean>;
  /** Holds what is applied of a stream as it is until the transaction ends, so that nothing more of it is applied meanwhile. */
  hold(stream: string): Fence;
  /** Up to which position a stream's events are applied; undefined where another process is the one to know. */
  reached(stream: string): number | undefined;
  /** A stream was parked. */
  parked(stream: Parked): void;
  /** Somebody waits for what was appended: no page is waited with. */
  hurry(): void;
  close(): Promise<void>;
}
