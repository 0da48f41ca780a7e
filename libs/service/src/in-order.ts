/**
 * Works on items at once and yields what comes of them in the order of the items.
 *
 * @param inFlight - at most this many are worked on at a time
 * @param work - must not reject: a failure of one item is an answer like others
 */
export async function* inOrder<T, R>(items: Iterable<T>, inFlight: number, work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  for (const item of items) {
    running.push(work(item));
    const oldest = running.length < inFlight ? undefined : running.shift();
    if (oldest !== undefined) yield await oldest;
  }
  for (const remaining of running) yield await remaining;
}
