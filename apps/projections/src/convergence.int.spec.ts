import { createHash } from 'node:crypto';

import { EVERYWHERE, idOf, within, type AnnalsEvent, type CustomerSummary, type Metadata, type Scope, type TimelineEntry } from '@annals/contracts';
import { openMemoryStore, type EventStore, type StoredEvent } from '@annals/event-store';
import { ReadModels, type Happening } from '@annals/read-models';
import { createEventCodec, createIdentities, memoryKeyStore } from '@annals/sealing';
import { eventually, postgresForTests } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { card } from './card/card.js';
import { countSource, findCard } from './card/card.queries.js';
import { ContactPoints } from './customers/contact-points.js';
import { countCustomers, listCustomers, SORTS, type CustomersList } from './customers/customers.queries.js';
import { searchCustomers } from './customers/search.queries.js';
import { findDuplicates } from './duplicates/duplicates.queries.js';
import { readCursor } from './keyset.js';
import { records } from './records/records.js';
import { countRecords, listRecords, type RecordsFilter } from './records/records.queries.js';
import { timeline } from './timeline/timeline.js';
import { findTimeline } from './timeline/timeline.queries.js';

const uuid = (name: string): string => {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
const CUSTOMERS = ['ada', 'bo', 'chen'].map(uuid);
const SEGMENTS = ['gold', 'grey'].map(uuid);
const DEPARTMENTS = ['emeax', 'emea', 'emea/uk'];
/** Each stream has one, as each record does. */
const departmentOf = (stream: string): string => DEPARTMENTS[stream.charCodeAt(stream.length - 1) % DEPARTMENTS.length] ?? '';
const SCOPES: readonly Scope[] = [EVERYWHERE, ...[['emea'], ['emea/uk'], ['emeax', 'emea/uk'], ['apac'], []].map((departments) => ({ departments }))];
const identities = createIdentities(Buffer.alloc(32, 1));
const points = new ContactPoints(identities);
const models = [card(points.digestOf), timeline, records];
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

const reason = { code: 'x' };
/** What else is said of a customer; what makes no sense after what came before changes nothing. */
const saying: fc.Arbitrary<AnnalsEvent> = fc.constantFrom<AnnalsEvent[]>(
  { type: 'CustomerTagged', data: { tag: 'vip' } },
  { type: 'CustomerUntagged', data: { tag: 'vip' } },
  { type: 'CustomerAssigned', data: { role: 'owner', staffId: 'kim', department: 'emea' } },
  { type: 'CustomerAssigned', data: { role: 'owner', department: 'emea/uk' } },
  { type: 'CustomerUnassigned', data: { role: 'owner' } },
  { type: 'CustomerDeactivated', data: { reason } },
  { type: 'CustomerReactivated', data: { reason } },
  { type: 'ProfilingObjected', data: {} },
  { type: 'ProfilingAllowed', data: {} },
  ...CUSTOMERS.flatMap((other) => (['DuplicateDismissed', 'DuplicateDismissalWithdrawn'] as const).map((type): AnnalsEvent => ({ type, data: { other, reason } }))),
  { type: 'ReferenceAdded', data: { system: 'shop', id: '1' } },
  { type: 'ReferenceAdded', data: { system: 'shop', id: '0 1' } },
  { type: 'ReferenceRemoved', data: { system: 'shop', id: '1' } },
  ...CUSTOMERS.flatMap((id): AnnalsEvent[] => [
    { type: 'ContactPointVerified', data: { id: uuid(`${id} phone`) } },
    { type: 'ContactPointRemoved', data: { id: uuid(`${id} phone`) } },
  ]),
);
const customerStory = fc.tuple(customer, fc.array(fc.tuple(profile, day), { maxLength: 4 }), day, fc.array(fc.tuple(saying, day), { maxLength: 6 })).map(([id, changes, start, more]): Told[] => [
  { on: `customer-${id}`, day: start, type: 'CustomerRegistered', data: { kind: 'person', contactPoints: [], country: 'FR', reference: { system: 'crm', id: id.slice(0, 4) } } },
  ...changes.map(([data, at]): Told => ({ on: `customer-${id}`, day: at, type: 'CustomerProfileChanged', data })),
  { on: `customer-${id}`, day: start, type: 'ContactPointAdded', data: { id: uuid(`${id} phone`), kind: 'phone', raw: '+442079460000' } },
  ...more.map(([data, at]): Told => ({ on: `customer-${id}`, day: at, ...data })),
]);

const transactionStory = fc
  .record({ n: fc.nat(), kind: fc.constantFrom('order', 'invoice', 'payment', 'refund', 'credit-note'), parties: customers, total: cents, cancelled: fc.boolean(), day, attributed: fc.array(fc.tuple(customer, fc.boolean()), { maxLength: 3 }) })
  .map(({ n, kind, parties, total, cancelled, day: at, attributed }): Told[] => {
    const on = `transaction-${uuid(`transaction ${n}`)}`;
    const data = { kind, parties: parties.map((customerId) => ({ customerId, role: 'buyer' as const })), issuedOn: '2024-01-01', currency: 'GBP', lines: [], totalMinor: total } as const;
    const recorded: Told = { on, day: at, type: 'TransactionRecorded', data: { ...data, parties: [...data.parties], lines: [] } };
    const end: Told[] = cancelled ? [{ on, day: at, type: 'TransactionCancelled', data: { reason: { code: 'mistake' } } }] : [];
    const moves = attributed.map(([customerId, gone]): Told => ({ on, day: at, type: gone ? 'TransactionUnattributed' : 'TransactionAttributed', data: { party: { customerId, role: 'buyer' } } }));
    return [recorded, ...moves, ...end];
  });

const subjectOf = (id: string) => ({ ref: { customer: id }, as: 'party' as const, linkedBy: 'x', basis: 'person' as const });
const remark: fc.Arbitrary<AnnalsEvent> = fc.constantFrom<AnnalsEvent[]>(
  ...CUSTOMERS.map((id): AnnalsEvent => ({ type: 'CommunicationUnlinked', data: { subject: { ref: { customer: id }, as: 'party' } } })),
  { type: 'CommunicationAmended', data: { changed: { medium: 'message', platform: 'whatsapp', startedAt: instantOf(3) }, reason, by: 'staff' } },
  { type: 'CommunicationAmended', data: { changed: { title: '要退货', conversation: { platform: 'whatsapp', key: 'k' } }, reason, by: 'sender' } },
  { type: 'CommunicationRetracted', data: { reason, by: 'sender' } },
  { type: 'DeliveryReported', data: { status: 'sent', attempt: 1, providerAt: instantOf(4) } },
  { type: 'DeliveryReported', data: { status: 'failed', attempt: 1, providerAt: instantOf(5) } },
  { type: 'AnnotationAdded', data: { id: uuid('annotation'), kind: 'summary', text: 'Wants to return it', author: 'kim' } },
  { type: 'AnnotationRemoved', data: { id: uuid('annotation') } },
);
const communicationStory = fc
  .record({ n: fc.nat(), medium: fc.constantFrom('email', 'voice'), talk: fc.boolean(), subjects: customers, links: fc.array(customer, { maxLength: 2 }), day, more: fc.array(remark, { maxLength: 4 }) })
  .map(({ n, medium, talk, subjects, links, day: at, more }): Told[] => {
    const on = `communication-${uuid(`communication ${n}`)}`;
    const conversation = talk ? { conversation: { platform: 'whatsapp', key: 'k' } } : {};
    const data = { medium, direction: 'inbound', purpose: 'support', participants: [], parts: [], startedAt: instantOf(at), ...conversation } as const;
    return [
      { on, day: at, type: 'CommunicationLogged', data: { ...data, participants: [], parts: [], subjects: subjects.map(subjectOf) } as AnnalsEvent<'CommunicationLogged'>['data'] },
      ...links.map((id): Told => ({ on, day: at, type: 'CommunicationLinked', data: { subject: subjectOf(id) } })),
      ...more.map((event): Told => ({ on, day: at, ...event })),
    ];
  });

const followUpStory = fc.record({ n: fc.nat(), about: customer, more: fc.array(fc.constantFrom<AnnalsEvent[]>(
  { type: 'FollowUpReassigned', data: { assignee: { department: 'emea' } } },
  { type: 'FollowUpPostponed', data: { dueAt: instantOf(20) } },
  { type: 'FollowUpCompleted', data: {} },
), { maxLength: 3 }) }).map(({ n, about, more }): Told[] => {
  const on = `followup-${uuid(`followup ${n}`)}`;
  const scheduled: Told = { on, day: 1, type: 'FollowUpScheduled', data: { assignee: { staffId: 'kim' }, dueAt: instantOf(9), subject: { customer: about }, text: 'Call back' } };
  return [scheduled, ...more.map((event): Told => ({ on, day: 2, ...event }))];
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
const history = fc.array(fc.oneof(customerStory, transactionStory, communicationStory, followUpStory, membershipStory), { minLength: 4, maxLength: 24, size: 'max' }).map((stories) => {
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
        format: 1, actor: { id: 'x', kind: 'unverified', assurance: 'none' }, department: departmentOf(on), source: { system: 'shop' }, occurredAt: instantOf(at), precision: 'day',
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
      const next = Math.min(after + limit, list.length);
      return { events: list.slice(after, next), next, from: place(after), place: place(next), more: next < list.length };
    },
    head: async () => place(list.length),
    verifyPlace: async () => undefined,
    onAppended: () => () => undefined,
  };
}

describe('card, timeline and records', () => {
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
      eventually(async () => expect((await readModels.status()).filter((row) => states.includes(row.state) && row.position >= position).length).toBeGreaterThanOrEqual(models.length));
    let readModels = open();
    if (stopAt > 0) {
      await reaches(readModels, Math.min(stopAt, head), ['live', 'building']);
      await readModels.close();
      readModels = open();
    }
    await reaches(readModels, head, ['live']);
    const digests = [await readModels.digest('card'), await readModels.digest('timeline'), await readModels.digest('records')];
    const views = await Promise.all(SCOPES.map((scope) => seenFrom(readModels, scope)));
    await readModels.close();
    expect(parked).toEqual([]);
    return { digests, views };
  };

  it('come out the same, and each scope sees its own alone, for every interleaving of streams, every repetition, every cut into batches and an end in between', async () => {
    await fc.assert(
      fc.asyncProperty(history, deliveries, fc.integer({ min: 1, max: 9 }), fc.nat({ max: 20 }), async (stories, picks, pageEvents, stopAt) => {
        const store = openMemoryStore();
        const events = await recordedIn(stories, store);
        const inOrder = await built(store, 1_000);
        const otherwise = await built(delivered(store, events, picks), pageEvents, stopAt);
        expect(otherwise).toEqual(inOrder);
        for (const views of inOrder.views) expectWithin(views, stories.flat());
      }),
      { numRuns: 12, interruptAfterTimeLimit: 60_000 },
    );
  }, 180_000);
});

type Views = Awaited<ReturnType<typeof seenFrom>>;

/** All that a scope sees: cards, lists in every order page by page, their counts, timelines. */
async function seenFrom(readModels: ReadModels, scope: Scope) {
  const [cards, entries] = [readModels.reader('card'), readModels.reader('timeline')];
  const lists = await Promise.all(SORTS.map(async (sort) => {
    const list: CustomersList = { sort, order: 'desc', filter: { currency: sort === 'billed' ? 'GBP' : undefined } };
    const rows: CustomerSummary[] = [];
    let next: string | null = null;
    do {
      const page = await listCustomers(cards, scope, { list, limit: 1, cursor: readCursor(next ?? undefined) });
      rows.push(...page.rows);
      next = page.next;
    } while (next !== null);
    return { sort, rows, count: await countCustomers(cards, scope, list) };
  }));
  const named = await searchCustomers(cards, scope, { search: { name: 'a', digests: undefined }, limit: 10, cursor: undefined });
  const reached = await searchCustomers(cards, scope, { search: { name: undefined, digests: points.digestsOf('phone', '+442079460000', undefined) }, limit: 10, cursor: undefined });
  return {
    scope,
    cards: await Promise.all(CUSTOMERS.map((id) => findCard(cards, scope, id))),
    lists,
    records: await Promise.all(RECORD_LISTS.map((list) => recordsSeen(readModels, scope, list))),
    found: [...named.rows, ...reached.rows],
    duplicates: (await findDuplicates(cards, scope, { limit: 10, cursor: undefined })).rows,
    counts: await countSource(cards, scope, 'shop').then(({ position: _, ...counts }) => counts),
    timelines: await Promise.all(CUSTOMERS.map(async (customer) => (await findTimeline(entries, scope, { customer, filter: {}, limit: 100, cursor: undefined })).rows)),
  };
}

/** Lists of records: whole ones, and one by what is said of their customers. */
interface RecordsAsked { readonly category: 'communication' | 'transaction'; readonly filter: RecordsFilter }
const RECORD_LISTS: readonly RecordsAsked[] = [{ category: 'communication', filter: {} }, { category: 'transaction', filter: {} }, { category: 'communication', filter: { tag: 'vip' } }];

/** The ids of a list, page by page, and its count. */
async function recordsSeen(readModels: ReadModels, scope: Scope, { category, filter }: RecordsAsked) {
  const reader = readModels.reader('records');
  const list = { category, filter, sort: 'time', order: 'desc' } as const;
  const rows: { readonly id: string; readonly names: unknown }[] = [];
  let next: string | null = null;
  do {
    const page = await listRecords(reader, scope, { list, limit: 3, cursor: readCursor(next ?? undefined) });
    rows.push(...page.rows.map(({ id, nameOf }) => ({ id, names: CUSTOMERS.map((customer) => nameOf(customer) ?? null) })));
    next = page.next;
  } while (next !== null);
  return { category, filter, rows, count: (await countRecords(reader, scope, list)).value };
}

/** Each record of the scope once, and nothing of customers outside it. */
function expectRecords({ scope, records: lists }: Views, seen: readonly Told[]): void {
  for (const { category, filter, rows, count } of lists) {
    const ids = rows.map(({ id }) => id);
    const all = [...new Set(seen.filter(({ on }) => on.startsWith(category)).map(({ on }) => idOf(on)))].sort();
    expect([count, new Set(ids).size]).toEqual([ids.length, ids.length]);
    expect('tag' in filter ? all.filter((id) => ids.includes(id)) : all).toEqual([...ids].sort());
    for (const [index, id] of CUSTOMERS.entries()) {
      if (!within(scope, departmentOf(`customer-${id}`))) expect(rows.filter(({ names }) => (names as unknown[])[index] !== null)).toEqual([]);
    }
  }
}

/** What a scope sees is what one sees who was told nothing from outside it. */
function expectWithin(views: Views, told: readonly Told[]): void {
  const { scope, cards, found, duplicates, counts, timelines } = views;
  const seen = told.filter(({ on }) => within(scope, departmentOf(on)));
  const isRegistered = (id: string): boolean => told.some(({ type, on }) => type === 'CustomerRegistered' && idOf(on) === id);
  const isSeen = (id: string): boolean => within(scope, departmentOf(`customer-${id}`));
  const registered = CUSTOMERS.filter((id) => isRegistered(id) && isSeen(id));
  for (const [index, id] of CUSTOMERS.entries()) {
    if (!registered.includes(id)) expect([undefined, -1]).toContain(cards[index]?.revision);
    expectSums(cards[index], id, seen);
  }
  for (const { department } of timelines.flat().map(toldBy)) expect(within(scope, department)).toBe(true);
  for (const { id } of [...found, ...duplicates.flatMap(({ customers: pair }) => pair)]) expect(registered).toContain(id);
  expect(counts.customers).toBe(registered.length);
  expect(counts.transactions?.count).toBe(seen.filter(({ type }) => type === 'TransactionRecorded').length);
  for (const list of views.lists) expectList(list, cards, registered);
  expectRecords(views, seen);
}

const toldBy = (entry: TimelineEntry) => (entry.kind === 'conversation' ? entry.latest : entry);

/** A list has each customer once, and the figures of its card. */
function expectList({ rows, sort, count }: Views['lists'][number], cards: Views['cards'], registered: readonly string[]): void {
  const ids = rows.map(({ id }) => id);
  expect(count).toEqual({ value: ids.length, more: false });
  expect(new Set(ids).size).toBe(ids.length);
  if (sort !== 'billed') expect([...ids].sort()).toEqual([...registered].sort());
  for (const row of rows) {
    const card = cards[CUSTOMERS.indexOf(row.id)];
    if (card === undefined) throw new Error('who is listed has a card');
    const last = card.contacts.map(({ lastAt }) => lastAt).sort().at(-1) ?? null;
    expect([row.department, row.lastContactAt, row.tags, billedIn(row.billed)]).toEqual([card.department, last, card.tags, billedIn(card.amounts)]);
  }
}

const billedIn = (sums: readonly { readonly currency: string; readonly billedMinor: number }[]): number =>
  sums.find(({ currency }) => currency === 'GBP')?.billedMinor ?? 0;

/** What was told, stream by stream. */
function ofOneStream(told: readonly Told[]): Told[][] {
  const streams = new Map<string, Told[]>();
  for (const event of told) streams.set(event.on, [...(streams.get(event.on) ?? []), event]);
  return [...streams.values()];
}

/** The sums once more, added up without taking anything back. */
function expectSums(found: Awaited<ReturnType<typeof findCard>>, id: string, told: readonly Told[]): void {
  const own = ofOneStream(told).flatMap((events) => {
    const parties = new Set<string>();
    let recorded: AnnalsEvent<'TransactionRecorded'>['data'] | undefined;
    for (const event of events) {
      if (event.type === 'TransactionCancelled') return [];
      if (event.type === 'TransactionRecorded') (recorded = event.data).parties.forEach(({ customerId }) => parties.add(customerId));
      if (event.type === 'TransactionAttributed') parties.add(event.data.party.customerId);
      if (event.type === 'TransactionUnattributed') parties.delete(event.data.party.customerId);
    }
    return recorded !== undefined && parties.has(id) ? [recorded] : [];
  });
  const sum = (kinds: readonly string[]): number => own.filter(({ kind }) => kinds.includes(kind)).reduce((total, { totalMinor }) => total + totalMinor, 0);
  const amounts = [{ currency: 'GBP', orderedMinor: sum(['order']), billedMinor: sum(['invoice', 'credit-note']), paidMinor: sum(['payment']) - sum(['refund']) }];
  expect(found?.amounts ?? []).toEqual(own.length === 0 ? [] : amounts);
  expectContacts(found, id, told);
}

const isAbout = (id: string, { ref }: Pick<AnnalsEvent<'CommunicationLinked'>['data']['subject'], 'ref'>): boolean => 'customer' in ref && ref.customer === id;

/** How often and when last, from those who are linked at the end. */
function expectContacts(found: Awaited<ReturnType<typeof findCard>>, id: string, told: readonly Told[]): void {
  const times = ofOneStream(told).flatMap((events) => {
    if (events.some(({ type }) => type === 'CommunicationRetracted')) return [];
    const links = events.flatMap((event) => linksOf(id, event));
    const times = events.flatMap((event) => timeOf(event));
    return links.at(-1) === true ? times.slice(-1) : [];
  });
  const contacts = found?.contacts ?? [];
  expect(contacts.reduce((total, { count }) => total + count, 0)).toBe(times.length);
  expect(contacts.map(({ lastAt }) => lastAt).sort().at(-1)).toBe(times.sort().at(-1));
}

/** Whether an event links the customer or unlinks it. */
function linksOf(id: string, event: Told): boolean[] {
  if (event.type === 'CommunicationLogged') return [event.data.subjects.some((subject) => isAbout(id, subject))];
  if (event.type !== 'CommunicationLinked' && event.type !== 'CommunicationUnlinked') return [];
  return isAbout(id, event.data.subject) ? [event.type === 'CommunicationLinked'] : [];
}

/** When a communication began, as an event says it. */
function timeOf(event: Told): string[] {
  if (event.type === 'CommunicationLogged') return [event.data.startedAt];
  return event.type === 'CommunicationAmended' && event.data.changed.startedAt !== undefined ? [event.data.changed.startedAt] : [];
}
