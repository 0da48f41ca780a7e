/** What the caller believes of the stream: no events, at least one, nothing, or exactly this last revision. */
export type ExpectedRevision = 'NoStream' | 'Exists' | 'Any' | number;

/** An event to append. `data` and `metadata` are stored as these bytes; leave them alone until the append has resolved. */
export interface NewEvent {
  /** UUID, lower case. The same ids again on the same stream answer with the first result. */
  readonly id: string;
  readonly type: string;
  /** Version of the type's schema, from 1. */
  readonly version: number;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** An event as the log holds it. */
export interface StoredEvent extends NewEvent {
  /** Place in the global order, above 0. PostgreSQL and memory: 1..N without a gap. EventStoreDB: bytes, with gaps. */
  readonly position: number;
  /** `<category>-<uuid>` */
  readonly stream: string;
  /** Place in the stream: 0..n without a gap. */
  readonly revision: number;
  /** Set by the store: milliseconds since the epoch; never falls as position rises (PostgreSQL, memory; EventStoreDB's clock may). */
  readonly recordedAt: number;
}

/** What became of an append that succeeded, now or the first time these ids were sent. */
export interface Appended {
  /** Revision of the last of the events appended. */
  readonly revision: number;
  /** Position of the last of the events appended. */
  readonly position: number;
  /** When the store took the last of them: milliseconds since the epoch. */
  readonly recordedAt: number;
  /** True when these event ids were in the stream already and nothing was written. */
  readonly repeated: boolean;
}

/** A place in the log, as a subscription remembers it. `position` 0 with `eventId` null: before the first event. */
export interface Place {
  readonly logId: string;
  readonly position: number;
  readonly eventId: string | null;
}

/** Reading one stream, a page at a time. */
export interface ReadStreamOptions {
  readonly direction?: 'forwards' | 'backwards';
  /** First revision to return; by default the first (forwards) or last (backwards). */
  readonly from?: number;
  /** At most this many events, 1..10,000; 1,000 by default. Fewer are returned only where the stream ends. */
  readonly limit?: number;
}

/** Reading the global order, a page at a time. */
export interface ReadAllOptions {
  /** Return events whose position is above this, which is one that the log has given; 0 for the beginning. */
  readonly after: number;
  /** Only streams of these categories; all by default. */
  readonly categories?: readonly string[];
  /**
   * Return no more than this many events, 1..10,000; 1,000 by default. A page ends earlier after 4 MiB of events, and may
   * after this many that were looked at and not wanted.
   */
  readonly limit?: number;
}

/** One page of the global order. */
export interface AllPage {
  readonly events: readonly StoredEvent[];
  /** Go on after this position: the last one looked at, whether it matched or not. Equal to `after` at the end. */
  readonly next: number;
  /** The place of `after`, read at once with the page: whoever goes on from a place sees by it that the log still holds its event. */
  readonly from: Place;
  /** The place of `next`. Its `eventId` is null when the log holds no event there: before the first, or beyond the last. */
  readonly place: Place;
  /** False where the log ended here when the page was read; true where there may be more. */
  readonly more: boolean;
}

/**
 * An append-only log of events in streams, with one global order.
 *
 * An append is to one stream, all or nothing, and durable when it resolves. See docs/adr for what is
 * guaranteed and `eventStoreContract` for the tests that every adapter passes.
 */
export interface EventStore {
  /** UUID of this log, made once when it is created. */
  readonly logId: string;

  /**
   * Appends events to one stream.
   *
   * The same ids in the same order again answer with the first result, whatever `expected` says. Appends of one caller to one
   * stream are decided in the order of the calls; PostgreSQL and memory keep it among streams too, and refuse an id that
   * another stream holds.
   *
   * @throws WrongExpectedRevision with the actual revision, EventIdInUse, StreamFull, AppendTooLarge,
   * StoreUnavailable, and RangeError for what no caller may send (a malformed name, type, version or id)
   */
  append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<Appended>;

  /** Events of one stream; an empty array where the stream has none (left). */
  readStream(stream: string, options?: ReadStreamOptions): Promise<readonly StoredEvent[]>;

  /** Events of all streams in order of position. */
  readAll(options: ReadAllOptions): Promise<AllPage>;

  /** The place of the last event in the log. */
  head(): Promise<Place>;

  /** Throws ForeignPlace unless this log holds that event at that position. */
  verifyPlace(place: Place): Promise<void>;

  /**
   * Calls `wake` soon after events may have been appended, by whichever process; calls are coalesced and
   * may be spurious or lost, so poll beneath. Returns a function that ends it.
   */
  onAppended(wake: () => void): () => void;

  close(): Promise<void>;
}
