import { randomUUID } from 'node:crypto';

import type { Append, System } from './systems.js';

/** What to do, how much at a time. */
export interface Workload {
  readonly name: string;
  /** Appends in flight. */
  readonly inFlight: number;
  readonly eventsAnAppend: number;
  /** Existing streams written to in turn with their revision expected; 0: each append makes a new stream. */
  readonly hotStreams: number;
  /** Processes that do this at once; each has `inFlight`. */
  readonly processes: number;
}

/** The workloads of the append benchmark. */
export const WORKLOADS: readonly Workload[] = [
  { name: 'single events, new streams', inFlight: 64, eventsAnAppend: 1, hotStreams: 0, processes: 1 },
  { name: '1,000 hot streams', inFlight: 64, eventsAnAppend: 1, hotStreams: 1_000, processes: 1 },
  { name: '10-event appends', inFlight: 64, eventsAnAppend: 10, hotStreams: 0, processes: 1 },
  { name: 'one in flight', inFlight: 1, eventsAnAppend: 1, hotStreams: 0, processes: 1 },
  { name: 'four processes', inFlight: 16, eventsAnAppend: 1, hotStreams: 0, processes: 4 },
];

/** What one run came to. */
export interface Run {
  readonly eventsPerSecond: number;
  /** Latency of each append, in milliseconds. */
  readonly latencies: readonly number[];
}

/** A payload of 316 bytes as JSON, as in docs/performance.md. */
const payload = { customer: randomUUID(), medium: 'voice', text: 'x'.repeat(235) };
const metadata = { actor: 'bench', commandId: randomUUID() };

const events = (count: number): Append['events'] =>
  Array.from({ length: count }, () => ({ type: 'BenchEvent', payload, metadata }));

/** One after another for each of `inFlight` callers, until the time is up. */
export async function run(system: System, workload: Workload, ms: number): Promise<Run> {
  const hot = Array.from({ length: workload.hotStreams }, () => ({ uuid: randomUUID(), revision: -1 }));
  const latencies: number[] = [];
  const batch = events(workload.eventsAnAppend);
  const started = performance.now();
  const end = started + ms;
  const caller = async (index: number): Promise<void> => {
    // Each caller has streams of its own, so that no append conflicts.
    const own = hot.filter((_, stream) => stream % workload.inFlight === index);
    for (let turn = 0; performance.now() < end; turn++) {
      const stream = own[turn % Math.max(own.length, 1)] ?? { uuid: randomUUID(), revision: -1 };
      const before = performance.now();
      await system.append({ ...stream, events: batch });
      latencies.push(performance.now() - before);
      stream.revision += batch.length;
    }
  };
  await Promise.all(Array.from({ length: workload.inFlight }, (_, index) => caller(index)));
  const seconds = (performance.now() - started) / 1_000;
  return { eventsPerSecond: (latencies.length * batch.length) / seconds, latencies };
}
