import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { newEvent, newEvents, newStream, type OpenStore, readOn } from './samples.js';

/** What reads of a stream and of the global order promise. */
export function reading(store: OpenStore, isOurs: boolean): void {
  streams(store);
  globalOrder(store);
  if (isOurs) countingPositions(store);
  pagesByBytes(store);
  places(store);
}

function streams(store: OpenStore): void {
  const revisions = async (stream: string, options: Parameters<ReturnType<OpenStore>['readStream']>[1]) =>
    (await store().readStream(stream, options)).map((event) => event.revision);

  it('reads a stream forwards and backwards, from a revision, in pages', async () => {
    const stream = newStream();
    await store().append(stream, 'NoStream', newEvents(10));
    expect(await revisions(stream, { limit: 3 })).toEqual([0, 1, 2]);
    expect(await revisions(stream, { from: 3, limit: 3 })).toEqual([3, 4, 5]);
    expect(await revisions(stream, { from: 8 })).toEqual([8, 9]);
    expect(await revisions(stream, { from: 10 })).toEqual([]);
    expect(await revisions(stream, { direction: 'backwards', limit: 3 })).toEqual([9, 8, 7]);
    expect(await revisions(stream, { direction: 'backwards', from: 6, limit: 2 })).toEqual([6, 5]);
    expect(await revisions(stream, { direction: 'backwards', from: 1 })).toEqual([1, 0]);
    expect(await revisions(stream, { direction: 'backwards', from: 99, limit: 1 })).toEqual([9]);
  });

  it('answers for a stream that is not there with no events', async () => {
    expect(await store().readStream(newStream())).toEqual([]);
    expect(await store().readStream(newStream('unheardof'), { direction: 'backwards' })).toEqual([]);
  });

  it('keeps streams apart that share a UUID', async () => {
    const uuid = randomUUID();
    await store().append(`customer-${uuid}`, 'NoStream', newEvents(1));
    await store().append(`transaction-${uuid}`, 'NoStream', newEvents(2));
    expect(await store().readStream(`customer-${uuid}`)).toHaveLength(1);
    expect(await store().readStream(`transaction-${uuid}`)).toHaveLength(2);
  });
}

function globalOrder(store: OpenStore): void {
  it('reads all streams in the order of their positions, each event once', async () => {
    const { position } = await store().head();
    const names = Array.from({ length: 6 }, () => newStream());
    await Promise.all(names.flatMap((stream) => [1, 2, 3].map((count) => store().append(stream, 'Any', newEvents(count)))));
    const events = await readOn(store(), position);
    expect(events).toHaveLength(36);
    const positions = events.map((event) => event.position);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
    expect(positions[0]).toBeGreaterThan(position);
    for (const stream of names) {
      expect(events.filter((event) => event.stream === stream)).toEqual(await store().readStream(stream));
    }
  });

  it('reads the categories asked for and moves on over the others', async () => {
    const { position } = await store().head();
    const [customer, transaction] = [newStream('customer'), newStream('transaction')];
    await store().append(customer, 'NoStream', newEvents(2));
    await store().append(transaction, 'NoStream', newEvents(20));
    await store().append(customer, 1, newEvents(1));
    expect((await readOn(store(), position, ['customer'])).map((event) => event.stream)).toEqual(Array(3).fill(customer));
    expect(await readOn(store(), position, ['transaction', 'customer'])).toHaveLength(23);
    expect(await readOn(store(), position, ['unheardof'])).toEqual([]);
    expect(await readOn(store(), position, [])).toEqual([]);
    await store().append(transaction, 19, newEvents(3));
    const head = await store().head();
    for (const categories of [['customer'], ['unheardof'], []]) {
      expect(await store().readAll({ after: position, categories })).toMatchObject({ next: head.position, place: head, more: false });
    }
  });

  it('says whether a page was ended by its limit or by the end of the log', async () => {
    const { position } = await store().head();
    await store().append(newStream(), 'NoStream', newEvents(5));
    const first = await store().readAll({ after: position, limit: 3 });
    expect([first.events.length, first.more]).toEqual([3, true]);
    const second = await store().readAll({ after: first.next, limit: 3 });
    expect([second.events.length, second.more]).toEqual([2, false]);
  });

  it('says that it is at the end, however little there is', async () => {
    const head = await store().head();
    expect(await store().readAll({ after: head.position })).toEqual({ events: [], next: head.position, from: head, place: head, more: false });
    const beyond = await store().readAll({ after: head.position + 50 });
    expect(beyond).toMatchObject({ events: [], next: head.position + 50, place: { eventId: null } });
  });
}

function countingPositions(store: OpenStore): void {
  it('counts positions without a gap, and looks at no more of them than asked', async () => {
    const { position } = await store().head();
    await store().append(newStream('customer'), 'NoStream', newEvents(2));
    await store().append(newStream('transaction'), 'NoStream', newEvents(20));
    const positions = (await readOn(store(), position)).map((event) => event.position);
    expect(positions).toEqual(Array.from({ length: 22 }, (_, index) => position + 1 + index));
    const page = await store().readAll({ after: position + 2, categories: ['customer'], limit: 5 });
    expect(page).toMatchObject({ events: [], next: position + 7, place: { position: position + 7 }, more: true });
  });
}

function pagesByBytes(store: OpenStore): void {
  it('ends a page of the global order after 4 MiB', async () => {
    const { position } = await store().head();
    const stream = newStream();
    for (let turn = 0; turn < 3; turn += 1) {
      const large = Array.from({ length: 4 }, () => newEvent({ data: Buffer.alloc(512 * 1024, turn) }));
      await store().append(stream, 'Any', large);
    }
    const first = await store().readAll({ after: position });
    expect(first.events).toHaveLength(7);
    expect([first.next, first.more]).toEqual([first.events.at(-1)?.position, true]);
    expect(await readOn(store(), position)).toHaveLength(12);
    expect(await store().readStream(stream)).toHaveLength(12);
    const backwards = await store().readStream(stream, { direction: 'backwards', limit: 11 });
    expect(backwards.map((event) => event.revision)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });
}

function places(store: OpenStore): void {
  it('knows the place of every page, and its own head', async () => {
    const { position: before } = await store().head();
    await store().append(newStream(), 'NoStream', newEvents(3));
    const head = await store().head();
    const page = await store().readAll({ after: before, limit: 2 });
    for (const categories of [['customer'], ['unheardof']]) expect((await store().readAll({ after: page.next, categories })).from).toEqual(page.place);
    expect(head.logId).toBe(store().logId);
    expect(page.place).toEqual({ logId: head.logId, position: page.events[1]?.position, eventId: page.events[1]?.id });
    expect(page.place.position).toBeLessThan(head.position);
    for (const place of [head, page.place, { logId: head.logId, position: 0, eventId: null }]) {
      await expect(store().verifyPlace(place)).resolves.toBeUndefined();
    }
  });

  it('refuses a place of another log, of another event, and beyond the end', async () => {
    await store().append(newStream(), 'NoStream', newEvents(2));
    const head = await store().head();
    const foreign = [
      { ...head, logId: randomUUID() },
      { ...head, eventId: randomUUID() },
      { ...head, eventId: null },
      { ...head, position: head.position - 1 },
      { ...head, position: head.position + 1_000 },
      { ...head, position: head.position + 1_000, eventId: null },
      { ...head, position: 0 },
    ];
    for (const place of foreign) {
      await expect(store().verifyPlace(place)).rejects.toMatchObject({ name: 'ForeignPlace', place });
    }
  });
}
