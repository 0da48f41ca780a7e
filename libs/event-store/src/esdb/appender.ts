import { randomBytes } from 'node:crypto';
import { binaryEvent, ErrorType, type AppendExpectedRevision } from '@eventstore/db-client';
import { AppendTooLarge, EventIdInUse, StoreUnavailable, StreamFull, WrongExpectedRevision } from '../errors.js';
import type { Appended, ExpectedRevision, NewEvent } from '../event-store.js';
import { MAX_STREAM_EVENTS } from '../limits.js';
import type { Connection } from './connection.js';
import { framed, MARK_BYTES } from './frame.js';
import type { Reader } from './reader.js';
import { Slots } from './slots.js';
import { commandErrorOf, within } from './trouble.js';

/** One append, checked. */
export interface PendingAppend {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly NewEvent[];
}

/** So often others may be faster, before an append that would take any revision is given up. */
const MAX_ATTEMPTS = 50;
const MAX_WAITING = 10_000;
/** More at once are served no faster, and wait for their answers instead of for their turn. */
const IN_FLIGHT = 64;

/**
 * Appends with what EventStoreDB guarantees: an append that expects `no_stream` or a revision is written once, however often
 * it is sent, since the server compares the ids in the stream. With `any` and `stream_exists` it remembers ids only for a
 * while, so these two are never asked for: the stream is read, and its last revision expected.
 */
export class Appender {
  /** The last append to each stream: those of one stream follow each other, in the order of the calls. */
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #slots = new Slots(IN_FLIGHT);
  #waiting = 0;

  constructor(
    private readonly connection: Connection,
    private readonly reader: Reader,
  ) {}

  async append(append: PendingAppend): Promise<Appended> {
    if (this.#waiting >= MAX_WAITING) throw new StoreUnavailable('too many appends are waiting');
    this.#waiting += 1;
    const { stream } = append;
    const before = this.#last.get(stream) ?? Promise.resolve();
    const work = (): Promise<Appended> => this.#slots.use(() => this.#append(append, randomBytes(MARK_BYTES)));
    const appending = before.then(work, work);
    this.#last.set(stream, appending);
    try {
      return await appending;
    } finally {
      this.#waiting -= 1;
      if (this.#last.get(stream) === appending) this.#last.delete(stream);
    }
  }

  /** Resolves when nothing is on its way any more. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#last.values());
  }

  async #append(append: PendingAppend, mark: Buffer): Promise<Appended> {
    const { stream, expected } = append;
    if (expected === 'NoStream') {
      const revision = await this.#send(append, 'no_stream', mark);
      if (revision !== undefined) return this.#result(append, revision, mark);
    }
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const kept = this.#isKnownUpTo(append, attempt) ? this.reader.known.of(stream) : await this.reader.ids(stream);
      const revision = repeatedTo(append, kept) ?? (await this.#send(append, revisionFor(append, kept.length), mark));
      if (revision !== undefined) return this.#result(append, revision, mark);
    }
    throw new StoreUnavailable(`${stream} is being written by too many at once`);
  }

  /** Whether the ids that are known reach to the revision that is expected: the server knows whether they reach to the end. */
  #isKnownUpTo({ stream, expected }: PendingAppend, attempt: number): boolean {
    return attempt === 0 && typeof expected === 'number' && this.reader.known.of(stream).length === expected + 1;
  }

  /** The last revision where the server has written the events, now or before; undefined where the stream is elsewhere. */
  async #send({ stream, events }: PendingAppend, expectedRevision: AppendExpectedRevision, mark: Buffer): Promise<number | undefined> {
    const proposed = events.map((event) => binaryEvent({ id: event.id, type: event.type, data: event.data, metadata: framed(event, mark) }));
    try {
      const { nextExpectedRevision } = await this.connection.use(({ client, answerMs }) =>
        within(answerMs, client.appendToStream(stream, proposed, { expectedRevision, requiresLeader: true, deadline: answerMs })),
      );
      return Number(nextExpectedRevision);
    } catch (error) {
      const command = commandErrorOf(error);
      if (command?.type === ErrorType.WRONG_EXPECTED_VERSION) return undefined;
      if (command?.type === ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED) {
        throw new AppendTooLarge(`EventStoreDB takes appends of at most ${command.maxAppendSize} bytes: its setting MaxAppendSize is to be 6 MiB`);
      }
      throw error;
    }
  }

  /**
   * The answer to an append does not say when it was recorded, nor whether it was so before; its position is one of several.
   * The last event says it: it bears this call's mark, or the one that wrote it.
   */
  async #result({ stream, events }: PendingAppend, revision: number, mark: Buffer): Promise<Appended> {
    const last = await this.reader.at(stream, revision);
    if (last === undefined || last.event.id !== events.at(-1)?.id) throw new EventIdInUse(stream);
    this.reader.known.learn(stream, revision - events.length + 1, events.map(({ id }) => id));
    const { position, recordedAt } = last.event;
    return { revision, position, recordedAt, repeated: !mark.equals(last.mark) };
  }
}

/** The revision of the last of these events, where the stream holds them. @throws EventIdInUse where it holds some of them, or in another order */
function repeatedTo({ stream, events }: PendingAppend, kept: readonly string[]): number | undefined {
  const ids = new Set(events.map(({ id }) => id));
  const first = kept.findIndex((id) => ids.has(id));
  if (first < 0) return undefined;
  if (!events.every(({ id }, index) => kept[first + index] === id)) throw new EventIdInUse(stream);
  return first + events.length - 1;
}

/** What to expect of a stream with so many events. @throws WrongExpectedRevision, StreamFull */
function revisionFor({ stream, expected, events }: PendingAppend, count: number): AppendExpectedRevision {
  const last = count - 1;
  if (!matches(expected, last)) throw new WrongExpectedRevision(stream, expected, last);
  if (count + events.length > MAX_STREAM_EVENTS) throw new StreamFull(stream);
  return last < 0 ? 'no_stream' : BigInt(last);
}

function matches(expected: ExpectedRevision, last: number): boolean {
  if (expected === 'Any') return true;
  if (expected === 'NoStream') return last < 0;
  if (expected === 'Exists') return last >= 0;
  return last === expected;
}
