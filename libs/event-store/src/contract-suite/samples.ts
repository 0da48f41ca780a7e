import { randomBytes, randomUUID } from 'node:crypto';
import type { EventStore, NewEvent, StoredEvent } from '../event-store.js';

/** The store under test, open while the tests of a suite run. */
export type OpenStore = () => EventStore;

/** A stream that nothing else uses. */
export function newStream(category = 'customer'): string {
  return `${category}-${randomUUID()}`;
}

/** An event with bytes that are not text, so that a store that re-encodes them is found out. */
export function newEvent(change: Partial<NewEvent> = {}): NewEvent {
  return {
    id: randomUUID(),
    type: 'CustomerTagged',
    version: 1,
    data: randomBytes(40),
    metadata: Buffer.from('{"format":1}'),
    ...change,
  };
}

/** That many events. */
export function newEvents(count: number): NewEvent[] {
  return Array.from({ length: count }, () => newEvent());
}

/** What a stored event holds that its writer chose. */
export function asWritten(event: StoredEvent): NewEvent {
  const { id, type, version, data, metadata } = event;
  return { id, type, version, data: Buffer.from(data), metadata: Buffer.from(metadata) };
}

/** The same with bytes in one comparable form. */
export function asGiven(event: NewEvent): NewEvent {
  return { ...event, data: Buffer.from(event.data), metadata: Buffer.from(event.metadata) };
}

/** Every event above a position, page by page. */
export async function readOn(store: EventStore, after: number, categories?: readonly string[]): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  let position = after;
  for (;;) {
    const page = await store.readAll({ after: position, limit: 7, ...(categories && { categories }) });
    events.push(...page.events);
    if (page.next === position) return events;
    position = page.next;
  }
}
