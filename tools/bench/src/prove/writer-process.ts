import { openPostgresStore, StoreUnavailable, type EventStore } from '@annals/event-store';
import { eventCount, step } from './workload.js';

/** What the parent tells a process of writers. */
export interface WriterOrders {
  readonly url: string;
  /** The writers' numbers. */
  readonly writers: readonly number[];
  /** Events that each of them appends before it ends by itself. */
  readonly eventsEach: number;
}

/** What a process of writers tells its parent: appends in the order of their acknowledgement. */
export interface WriterReport {
  readonly writer: number;
  /** Sequences and positions, alternating; position 0 for an append that was given up without an answer. */
  readonly told: readonly number[];
  readonly ended: boolean;
}

const REPORT_EVERY = 200;
// Longer than PostgreSQL takes to recover from a crash, so that no append is given up.
const RETRY_FOR_MS = 60_000;

let stopping = false;

process.once('message', (orders: WriterOrders) => {
  process.once('message', () => (stopping = true));
  void work(orders);
});
// A writer without its parent has nobody to tell.
const orphaned = (): never => process.exit(1);
process.once('disconnect', orphaned);

async function work({ url, writers, eventsEach }: WriterOrders): Promise<void> {
  const store = await openPostgresStore({ connectionString: url, retryForMs: RETRY_FOR_MS });
  await Promise.all(writers.map((writer) => write(store, writer, eventsEach)));
  await store.close();
  process.off('disconnect', orphaned);
  process.disconnect();
}

async function write(store: EventStore, writer: number, events: number): Promise<void> {
  let told: number[] = [];
  let ownRevision = -1;
  let left = events;
  for (let sequence = 0; left > 0 && !stopping; sequence += 1) {
    const { stream, expected, events: appended } = step(writer, sequence, ownRevision);
    try {
      const { position, revision } = await store.append(stream, expected, appended);
      if (sequence % 4 === 0) ownRevision = revision;
      told.push(sequence, position);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      told.push(sequence, 0);
      // Whether the append is there is unknown, and so is the revision of the writer's own stream.
      break;
    }
    left -= eventCount(sequence);
    if (told.length >= REPORT_EVERY) {
      send({ writer, told, ended: false });
      told = [];
    }
  }
  send({ writer, told, ended: true });
}

function send(report: WriterReport): void {
  process.send?.(report);
}
