import type { RecordedEvent } from '@annals/contracts';
import type { Event } from '@annals/kernel';
import type { Metadata } from '@annals/contracts';
import type { NewEvent, StoredEvent } from '@annals/event-store';

/** Events of one command, as bytes for the store. */
export interface Encoded {
  readonly events: readonly NewEvent[];
  /** JSON pointers (`/0/name`: event index, then path) of fields stored as erased, their key being destroyed. */
  readonly erased: readonly string[];
}

/** A stored event that this code cannot read: an unknown version, bytes that do not parse, a seal that is broken. */
export class UnreadableEvent extends Error {
  override readonly name = 'UnreadableEvent';
  constructor(
    readonly event: StoredEvent,
    readonly reason: string,
  ) {
    super(`event ${event.id} (${event.type} v${event.version} at ${event.position}) cannot be read: ${reason}`);
  }
}

/** What of stored events is opened. */
export interface OpenOptions {
  /**
   * False where addresses and names of those who took part are not needed: they are left closed and read as erased.
   * True by default.
   */
  readonly addresses?: boolean;
}

/** Turns domain events into bytes, sealing personal fields, and back, bringing them to their newest version. */
export interface EventCodec {
  /** @param metadata - one envelope for all events of the command; ids come from its command id, the stream and the index */
  encode(stream: string, events: readonly Event[], metadata: Metadata): Promise<Encoded>;

  /** Opens events of one or many streams, in the order given. Types that the catalogue does not know are unreadable. @throws UnreadableEvent */
  decode(events: readonly StoredEvent[]): Promise<RecordedEvent[]>;

  /** As `decode`, with an error in the place of each event that cannot be read. Key store failures still throw. */
  decodeEach(events: readonly StoredEvent[], options?: OpenOptions): Promise<(RecordedEvent | UnreadableEvent)[]>;
}
