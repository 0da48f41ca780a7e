import { metadata, type Metadata, type RecordedEvent } from '@annals/contracts';
import type { EventStore, ExpectedRevision, StoredEvent } from '@annals/event-store';
import type { Event } from '@annals/kernel';
import type { EventCodec, Identities } from '@annals/sealing';
import { appendSeconds } from './metrics.js';

const PAGE = 1_000;

/** What came of an append: its revision, and the personal fields (JSON pointers) that were stored as erased. */
export interface AppendedEvents {
  readonly revision: number;
  readonly repeated: boolean;
  readonly erased: readonly string[];
}

const inDepartment = metadata.pick({ department: true });

/** The department that an event was recorded for; known without opening the event. */
export function departmentOf(event: StoredEvent): string {
  return inDepartment.parse(JSON.parse(new TextDecoder().decode(event.metadata))).department;
}

/** The log as a service sees it: events instead of bytes, personal fields sealed and opened on the way. */
export class Log {
  /** Whether the last record that a command was to make was new: a guess about the next, which spares a read or an append. */
  meetsNewRecords = true;

  constructor(
    readonly store: EventStore,
    readonly codec: EventCodec,
    readonly identities: Identities,
  ) {}

  /** All events of one stream, oldest first, as they are stored. A stream holds at most 10,000. */
  async readStored(stream: string): Promise<readonly StoredEvent[]> {
    const events: StoredEvent[] = [];
    for (;;) {
      const page = await this.store.readStream(stream, { from: events.length, limit: PAGE });
      events.push(...page);
      if (page.length < PAGE) return events;
    }
  }

  /** The same, opened and of their newest version. */
  async read(stream: string): Promise<readonly RecordedEvent[]> {
    return await this.codec.decode(await this.readStored(stream));
  }

  /** Appends the events of one command. @throws what the store and the codec throw */
  async append(stream: string, expected: ExpectedRevision, events: readonly Event[], envelope: Metadata): Promise<AppendedEvents> {
    const encoded = await this.codec.encode(stream, events, envelope);
    const stop = appendSeconds.startTimer();
    const { revision, repeated } = await this.store.append(stream, expected, encoded.events);
    stop();
    // The codec's pointers begin with the event's index; callers know fields, not events.
    return { revision, repeated, erased: encoded.erased.map((pointer) => pointer.replace(/^\/\d+/, '')) };
  }
}
