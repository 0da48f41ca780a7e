import { createHash } from 'node:crypto';

import { EVERYWHERE, type AnnalsEvent, type Metadata } from '@annals/contracts';
import { openMemoryStore, type EventStore, type StoredEvent } from '@annals/event-store';
import { ReadModels, type Happening } from '@annals/read-models';
import { createEventCodec, createIdentities, memoryKeyStore } from '@annals/sealing';
import { eventually, postgresForTests } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { card } from './card/card.js';
import { findCard } from './card/card.queries.js';
import { ContactPoints } from './customers/contact-points.js';
import { timeline } from './timeline/timeline.js';

const uuid = (name: string): string => {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
const CUSTOMERS = ['ada', 'bo', 'chen'].map(uuid);
const SEGMENTS = ['gold', 'grey'].map(uuid);
const identities = createIdentities(Buffer.alloc(32, 1));
const models = [card(new ContactPoints(identities).digestOf), timeline];
const codec = createEventCodec({ identities, keys: memoryKeyStore(Buffer.alloc(32, 2)) });

/** An event before it is recorded: on which stream, and the day from which it holds. */
type Told = AnnalsEvent & { readonly on: string; readonly day: number };

const day = fc.integer({ min: 1, max: 28 });
const customer = fc.constantFrom(...CUSTOMERS);
const customers = fc.uniqueArray(customer, { maxLength: 2 });
const cents = fc.integer({ min: -5_000, max: 5_000 });
const instantOf = (n: number): string => new Date(Date.UTC(2024, 0, n)).toISOString();

const profile = fc.record(
  {
    name: fc.option(fc.constantFrom('Ada Lovelace', 'Zoë Ångström', '王小明').map((full) => ({ full }))),
    country: fc.option(fc.constantFrom('GB', 'CN')),
    attributes: fc.dictionary(fc.constantFrom('tier', 'since'), fc.option(fc.integer().map((value) => ({ type: 'number' as const, value }))), { maxKeys: 2 }),
  },
  { requiredKeys: [] },
);

const customerStory = fc.tuple(customer, fc.array(fc.tuple(profile, day), { maxLength: 4 }), day).map(([id, changes, start]): Told[] => [
  { on: `customer-${id}`, day: start, type: 'CustomerRegistered', data: { kind: 'person', contactPoints: [], country: 'FR', reference: { system: 'crm', id: id.slice(0, 4) } } },
  ...changes.map(([data, at]): Told => ({ on: `customer-${id}`, day: at, type: 'CustomerProfileChanged', data })),
  { on: `customer-${id}`, day: start, type: 'ContactPointAdded', data: { id: uuid(`${id} phone`), kind: 'phone', raw: '+442079460000' } },
]);

const transactionStory = fc
  .record({ n: fc.nat(), kind: fc.constantFrom('order', 'invoice', 'payment', 'refund', 'credit-note'), parties: customers, total: cents, cancelled: fc.boolean(), day })
  .map(({ n, kind, parties, total, cancelled, day: at }): Told[] => {
    const on = `transaction-${uuid(`transaction ${n}`)}`;
    const data = { kind, parties: parties.map((customerId) => ({ customerId, role: 'buyer' as const })), issuedOn: '2024-01-01', currency: 'GBP', lines: [], totalMinor: total } as const;
    const recorded: Told = { on, day: at, type: 'TransactionRecorded', data: { ...data, parties: [...data.parties], lines: [] } };
    return cancelled ? [recorded, { on, day: at, type: 'TransactionCancelled', data: { reason: { code: 'mistake' } } }] : [recorded];
  });

const subjectOf = (id: string) => ({ ref: { customer: id }, as: 'party' as const, linkedBy: 'x', basis: 'person' as const });
const communicationStory = fc
  .record({ n: fc.nat(), medium: fc.constantFrom('email', 'voice'), subjects: customers, links: fc.array(customer, { maxLength: 2 }), day })
  .map(({ n, medium, subjects, links, day: at }): Told[] => {
    const on = `communication-${uuid(`communication ${n}`)}`;
    const data = { medium, direction: 'inbound', purpose: 'support', participants: [], parts: [], startedAt: instantOf(at) } as const;
    return [
      { on, day: at, type: 'CommunicationLogged', data: { ...data, participants: [], parts: [], subjects: subjects.map(subjectOf) } as AnnalsEvent<'CommunicationLogged'>['data'] },
      ...links.map((id): Told => ({ on, day: at, type: 'CommunicationLinked', data: { subject: subjectOf(id) } })),
    ];
  });

const membershipStory = fc.tuple(customer, fc.array(fc.option(fc.constantFrom(...SEGMENTS)), { minLength: 1, maxLength: 3 })).map(([id, moves]): Told[] =>
  moves.map((to, index) => ({
    on: `membership-${id}`,
    day: index + 1,
    type: 'SegmentMembershipChanged',
    data: { segmentation: uuid('all'), ...(to !== null && { to }), model: 1, reason: { code: 'trained', values: [], distance: 0 } },
  })),
);

const trained: Told = {
  on: `segmentation-${uuid('all')}`,
  day: 1,
  type: 'SegmentationTrained',
  data: {
    model: 1, features: ['spent'], scaler: { means: [0], deviations: [1] }, retired: [], k: 2, seed: 1, starts: 1, trainedOn: 3, inertia: 0, silhouette: 0,
    segments: SEGMENTS.map((id, n) => ({ id, name: { en: `segment ${n}`, zh: `段 ${n}` }, centroid: [n], members: 1, matched: 'new' })),
    asOf: instantOf(1), zone: 'UTC', trainedAt: { logId: uuid('log'), position: 0, eventId: null },
  },
};

/** Several streams, each in its own order; of two stories of one stream the first. */
const history = fc.array(fc.oneof(customerStory, transactionStory, communicationStory, membershipStory), { minLength: 1, maxLength: 8 }).map((stories) => {
  const streams = new Map(stories.map((story) => [story[0]?.on, story]));
  return [...streams.values(), [trained]];
});

/** What is delivered: a new event of some stream, or again one that was delivered before. */
const deliveries = fc.array(fc.record({ stream: fc.nat(), again: fc.option(fc.nat(), { freq: 4 }) }), { minLength: 60, maxLength: 60 });

async function recordedIn(stories: readonly (readonly Told[])[], store: EventStore): Promise<StoredEvent[]> {
  let n = 0;
  for (const story of stories) {
    for (const { on, day: at, ...event } of story) {
      const metadata: Metadata = {
        format: 1, actor: { id: 'x', kind: 'unverified', assurance: 'none' }, department: 'default', source: { system: 'shop' }, occurredAt: instantOf(at), precision: 'day',
        effectiveAt: instantOf(at), commandId: uuid(`command ${n++}`), fingerprint: '0', correlationId: uuid('correlation'),
      };
      await store.append(on, 'Any', (await codec.encode(on, [event], metadata)).events);
    }
  }
  return [...(await store.readAll({ after: 0, limit: 10_000 })).events];
}

/** A log as Kafka would deliver it: streams in their own order only, some events again. Events keep their positions. */
function delivered(store: EventStore, events: readonly StoredEvent[], picks: readonly { stream: number; again: number | null }[]): EventStore {
  const streams = new Map<string, StoredEvent[]>();
  for (const event of events) streams.set(event.stream, [...(streams.get(event.stream) ?? []), event]);
  const left = [...streams.values()];
  const list: StoredEvent[] = [];
  const take = (n: number): void => {
    const index = n % left.length;
    const event = left[index]?.shift();
    if (event) list.push(event);
    if (left[index]?.length === 0) left.splice(index, 1);
  };
  for (const { stream, again } of picks) {
    const repeated = again === null ? undefined : list[again % Math.max(list.length, 1)];
    if (repeated !== undefined) list.push(repeated);
    else if (left.length > 0) take(stream);
  }
  while (left.length > 0) take(0);
  const place = (position: number) => ({ logId: store.logId, position, eventId: list[position - 1]?.id ?? null });
  return {
    ...store,
    logId: store.logId,
    readStream: (stream, options) => store.readStream(stream, options),
    readAll: async ({ after, limit = 1_000 }) => {
      const page = list.slice(after, after + limit);
      return { events: page, next: after + page.length, place: place(after + page.length) };
    },
    head: async () => place(list.length),
    verifyPlace: async () => undefined,
    onAppended: () => () => undefined,
  };
}

describe('card and timeline', () => {
  const postgres = postgresForTests();

  const built = async (store: EventStore, pageEvents: number, stopAt = 0) => {
    const { ownerUrl: connectionString } = await postgres.freshDatabase();
    const parked: Happening[] = [];
    const open = (): ReadModels => {
      const report = (happening: Happening): void => void (happening.level === 'info' || parked.push(happening));
      const readModels = new ReadModels({ connectionString, store, codec, models, pageEvents, report });
      readModels.start();
      return readModels;
    };
    const { position: head } = await store.head();
    const reaches = (readModels: ReadModels, position: number, states: string[]): Promise<unknown> =>
      eventually(async () => expect((await readModels.status()).filter((row) => states.includes(row.state) && row.position >= position).length).toBeGreaterThanOrEqual(2));
    let readModels = open();
    if (stopAt > 0) {
      await reaches(readModels, Math.min(stopAt, head), ['live', 'building']);
      await readModels.close();
      readModels = open();
    }
    await reaches(readModels, head, ['live']);
    const digests = [await readModels.digest('card'), await readModels.digest('timeline')];
    const cards = await Promise.all(CUSTOMERS.map((id) => findCard(readModels.reader('card'), EVERYWHERE, id)));
    await readModels.close();
    expect(parked).toEqual([]);
    return { digests, cards };
  };

  it('come out the same for every interleaving of streams, every repetition, every cut into batches and an end in between', async () => {
    await fc.assert(
      fc.asyncProperty(history, deliveries, fc.integer({ min: 1, max: 9 }), fc.nat({ max: 20 }), async (stories, picks, pageEvents, stopAt) => {
        const store = openMemoryStore();
        const events = await recordedIn(stories, store);
        const inOrder = await built(store, 1_000);
        const otherwise = await built(delivered(store, events, picks), pageEvents, stopAt);
        expect(otherwise).toEqual(inOrder);
        for (const [index, id] of CUSTOMERS.entries()) expectSums(inOrder.cards[index], id, stories.flat());
      }),
      { numRuns: 12, interruptAfterTimeLimit: 60_000 },
    );
  }, 180_000);
});

/** The sums once more, added up without taking anything back. */
function expectSums(found: Awaited<ReturnType<typeof findCard>>, id: string, told: readonly Told[]): void {
  const cancelled = new Set(told.filter(({ type }) => type === 'TransactionCancelled').map(({ on }) => on));
  const own = told.flatMap((event) => (event.type === 'TransactionRecorded' && !cancelled.has(event.on) ? [event.data] : [])).filter(({ parties }) => parties.some(({ customerId }) => customerId === id));
  const sum = (kinds: readonly string[]): number => own.filter(({ kind }) => kinds.includes(kind)).reduce((total, { totalMinor }) => total + totalMinor, 0);
  const amounts = [{ currency: 'GBP', orderedMinor: sum(['order']), billedMinor: sum(['invoice', 'credit-note']), paidMinor: sum(['payment']) - sum(['refund']) }];
  expect(found?.amounts ?? []).toEqual(own.length === 0 ? [] : amounts);
  expectContacts(found, id, told);
}

const isAbout = (id: string, { ref }: AnnalsEvent<'CommunicationLinked'>['data']['subject']): boolean => 'customer' in ref && ref.customer === id;

/** How often and when last, from all who were ever linked. */
function expectContacts(found: Awaited<ReturnType<typeof findCard>>, id: string, told: readonly Told[]): void {
  const linked = told.filter((event) => {
    if (event.type === 'CommunicationLinked') return isAbout(id, event.data.subject);
    return event.type === 'CommunicationLogged' && event.data.subjects.some((subject) => isAbout(id, subject));
  });
  const days = new Map(linked.map(({ on, day: at }) => [on, at]));
  const contacts = found?.contacts ?? [];
  expect(contacts.reduce((total, { count }) => total + count, 0)).toBe(days.size);
  expect(contacts.map(({ lastAt }) => lastAt).sort().at(-1)).toBe(days.size === 0 ? undefined : instantOf(Math.max(...days.values())));
}
