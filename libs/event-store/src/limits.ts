import { AppendTooLarge, EventIdInUse } from './errors.js';
import type { ExpectedRevision, NewEvent, ReadAllOptions, ReadStreamOptions } from './event-store.js';

/** Bytes of one event's data: 512 KiB. */
export const MAX_DATA_BYTES = 512 * 1024;
/** Bytes of one event's metadata: 64 KiB. */
export const MAX_METADATA_BYTES = 64 * 1024;
/** Events in one stream. */
export const MAX_STREAM_EVENTS = 10_000;
/** Events in one append. */
export const MAX_APPEND_EVENTS = 1_000;
/** Bytes of data and metadata in one append: 4 MiB. */
export const MAX_APPEND_BYTES = 4 * 1024 * 1024;
/** Bytes of data and metadata after which a page of the global order ends: 4 MiB. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;

const MAX_PAGE_EVENTS = 10_000;
const DEFAULT_PAGE_EVENTS = 1_000;
const MAX_VERSION = 32_767;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const CATEGORY = /^[a-z][a-z0-9]{0,62}$/;
const TYPE = /^[A-Za-z][A-Za-z0-9._-]{0,127}$/;
const UUID_LENGTH = 36;

/** The two halves of a stream's name. */
export interface StreamName {
  readonly category: string;
  readonly uuid: string;
}

/**
 * Splits `<category>-<uuid>`.
 *
 * @throws RangeError unless the category is one lower-case word without a dash and the UUID is in lower case
 */
export function parseStream(stream: string): StreamName {
  const cut = stream.length - UUID_LENGTH - 1;
  const category = stream.slice(0, Math.max(cut, 0));
  const uuid = stream.slice(cut + 1);
  if (stream[cut] !== '-' || !CATEGORY.test(category) || !UUID.test(uuid)) {
    throw new RangeError('a stream is named <category>-<uuid> in lower case');
  }
  return { category, uuid };
}

/**
 * Refuses what no store may be asked to append, so that every store refuses the same.
 *
 * @returns the bytes of data and metadata together
 * @throws RangeError, AppendTooLarge, EventIdInUse (an id twice in one append)
 */
export function checkAppend(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): number {
  if (typeof expected === 'number') wholeNumber(expected, 'an expected revision');
  if (events.length === 0) throw new RangeError('an append holds at least one event');
  if (events.length > MAX_APPEND_EVENTS) {
    throw new AppendTooLarge(`an append holds at most ${MAX_APPEND_EVENTS} events`);
  }
  let bytes = 0;
  for (const event of events) bytes += checkEvent(event);
  if (bytes > MAX_APPEND_BYTES) throw new AppendTooLarge(`an append holds at most ${MAX_APPEND_BYTES} bytes`);
  if (hasTwice(events)) throw new EventIdInUse(stream);
  return bytes;
}

function hasTwice(events: readonly NewEvent[]): boolean {
  return events.length > 1 && new Set(events.map((event) => event.id)).size < events.length;
}

function checkEvent(event: NewEvent): number {
  if (!UUID.test(event.id)) throw new RangeError('an event id is a UUID in lower case');
  if (!TYPE.test(event.type)) throw new RangeError('an event type is a word of at most 128 ASCII letters and digits');
  if (!Number.isInteger(event.version) || event.version < 1 || event.version > MAX_VERSION) {
    throw new RangeError(`an event version is a whole number from 1 to ${MAX_VERSION}`);
  }
  if (event.data.byteLength > MAX_DATA_BYTES) {
    throw new AppendTooLarge(`an event's data holds at most ${MAX_DATA_BYTES} bytes`);
  }
  if (event.metadata.byteLength > MAX_METADATA_BYTES) {
    throw new AppendTooLarge(`an event's metadata holds at most ${MAX_METADATA_BYTES} bytes`);
  }
  return event.data.byteLength + event.metadata.byteLength;
}

/** A page's limit, checked. */
export function pageLimit(options: ReadStreamOptions | ReadAllOptions | undefined): number {
  const limit = options?.limit ?? DEFAULT_PAGE_EVENTS;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_EVENTS) {
    throw new RangeError(`a page holds 1 to ${MAX_PAGE_EVENTS} events`);
  }
  return limit;
}

/** A revision or position to start from, checked. */
export function wholeNumber(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${what} is a whole number from 0`);
  return value;
}

/** Categories to read, checked. */
export function checkCategories(categories: readonly string[] | undefined): readonly string[] | undefined {
  if (categories?.some((category) => !CATEGORY.test(category))) {
    throw new RangeError('a category is one lower-case word');
  }
  return categories;
}
