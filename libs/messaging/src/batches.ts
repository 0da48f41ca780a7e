import type { StoredEvent } from '@annals/event-store';

/** Bytes of a request, by the brokers' own default of 1 MiB less what a batch and its records have around them. */
export const REQUEST_BYTES = 900 * 1024;
/** Keys, names of attributes and lengths around one event. */
const AROUND_BYTES = 1_024;

/** Cuts events into requests of at most 900 KiB, in order. An event is at most 512 KiB, so each fits. */
export function* batchesOf(events: readonly StoredEvent[]): Generator<readonly StoredEvent[], void> {
  let batch: StoredEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = event.data.byteLength + event.metadata.byteLength + AROUND_BYTES;
    if (batch.length > 0 && bytes + size > REQUEST_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(event);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
