import type { EventStore } from '@annals/event-store';

/**
 * How long somebody who follows the log has been behind: the age of the first event after a position.
 *
 * @param categories - of the events that count; all of them where it is left out
 * @returns seconds by this machine's clock; 0 where there is no such event
 */
export async function secondsBehind(store: EventStore, position: number, categories?: readonly string[]): Promise<number> {
  const { events } = await store.readAll({ after: position, limit: 1, ...(categories && { categories }) });
  const [next] = events;
  return next === undefined ? 0 : Math.max(0, Date.now() - next.recordedAt) / 1_000;
}
