import { EVERYWHERE, within, type CustomerSummary, type Scope } from '@annals/contracts';
import { postgresForTests } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { card } from '../card/card.js';
import { built, uuid, type Told } from '../fixtures/built.js';
import { readCursor, type Cursor, type Slice } from '../keyset.js';
import { narrowed } from '../scope.js';
import { listCustomers, SORTS, type CustomersList } from './customers.queries.js';
import { NEVER } from './customers.table.js';
import { searchForm, searchForms } from './search-forms.js';
import { searchCustomers } from './search.queries.js';

const DEPARTMENTS = ['emea', 'emea/uk', 'emea/uk/north', 'apac', 'apac/cn'];
const SCOPES: readonly Scope[] = [EVERYWHERE, { departments: ['emea'] }, { departments: ['emea/uk', 'apac/cn'] }, { departments: ['emea/uk/north', 'apac', 'emea'] }, { departments: [] }];
const instantOf = (day: number): string => new Date(Date.UTC(2024, 0, 1) + day * 86_400_000).toISOString();

const by = fc.constantFrom(...DEPARTMENTS);
const dealing = fc.record({ by, day: fc.integer({ min: 0, max: 9 }), minor: fc.integer({ min: -3, max: 3 }), isCall: fc.boolean() });
const customer = fc.record({
  by,
  name: fc.constantFrom('Ada Smith', 'Bo Smith', 'Ada Jones', 'Adamo', 'Åda', '王小明'),
  country: fc.constantFrom('GB', 'CN'),
  tag: fc.constantFrom('vip', undefined),
  dealings: fc.array(dealing, { maxLength: 3 }),
});
const customers = fc.array(customer, { minLength: 10, maxLength: 30, size: 'max' });
type Customer = ReturnType<typeof customers.generate>['value'][number];

const time = fc.integer({ min: 0, max: 9 }).map((day) => Date.parse(instantOf(day)));
const filters = fc.record(
  { department: by, tag: fc.constant('vip'), country: fc.constantFrom('GB', 'CN'), billedFrom: fc.integer({ min: -2, max: 2 }), lastContactAfter: time, lastContactBefore: time },
  { requiredKeys: [] },
);
const asked = fc.record({
  scope: fc.constantFrom(...SCOPES),
  limit: fc.integer({ min: 1, max: 7 }),
  sort: fc.constantFrom(...SORTS),
  order: fc.constantFrom('asc' as const, 'desc' as const),
  // Most questions have few filters: each of them takes another way through the statements away.
  filter: fc.oneof(fc.constant({}), fc.record({ country: fc.constantFrom('GB', 'CN') }), filters),
  prefix: fc.constantFrom('a', 'ada', 'ada s', 'smith', '王', 'x'),
});

function toldOf({ by: department, name, country, tag, dealings }: Customer, n: number): Told[] {
  const id = uuid(`customer ${n}`);
  const on = `customer-${id}`;
  const subject = { ref: { customer: id }, as: 'party' as const, linkedBy: 'x', basis: 'person' as const };
  return [
    { on, by: department, type: 'CustomerRegistered', data: { kind: 'person', name: { full: name }, country, contactPoints: [] } },
    ...(tag === undefined ? [] : [{ on, by: department, type: 'CustomerTagged' as const, data: { tag } }]),
    ...dealings.map((each, index): Told =>
      each.isCall
        ? { on: `communication-${uuid(`call ${n} ${index}`)}`, by: each.by, type: 'CommunicationLogged', data: { medium: 'voice', direction: 'inbound', purpose: 'x', participants: [], parts: [], startedAt: instantOf(each.day), subjects: [subject] } }
        : { on: `transaction-${uuid(`invoice ${n} ${index}`)}`, by: each.by, type: 'TransactionRecorded', data: { kind: 'invoice', parties: [{ customerId: id, role: 'buyer' }], issuedOn: '2024-01-01', currency: 'GBP', lines: [], totalMinor: each.minor } }),
  ];
}

interface Seen {
  readonly id: string;
  readonly key: string | number;
}

const less = <Value extends string | number>(a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0);
const inOrder = (rows: readonly Seen[], isAscending: boolean): string[] =>
  [...rows].sort((a, b) => (less(a.key, b.key) || less(a.id, b.id)) * (isAscending ? 1 : -1)).map(({ id }) => id);

/** A customer as a scope shows it. */
const figuresOf = ({ dealings }: Customer, scope: Scope) => {
  const near = dealings.filter((each) => within(scope, each.by));
  const [calls, bills] = [near.filter(({ isCall }) => isCall), near.filter(({ isCall }) => !isCall)];
  const lastAt = Math.max(NEVER, ...calls.map(({ day }) => Date.parse(instantOf(day))));
  return { lastAt, isBilled: bills.length > 0, billed: bills.reduce((sum, { minor }) => sum + minor, 0) };
};
type Figures = ReturnType<typeof figuresOf>;

const isOfRecord = ({ tag, country }: Customer, { filter }: CustomersList): boolean => (filter.tag ?? tag) === tag && (filter.country ?? country) === country;
const isContacted = ({ lastAt }: Figures, { filter: { lastContactAfter: after = -Infinity, lastContactBefore: before } }: CustomersList): boolean =>
  lastAt >= after && (before === undefined || (lastAt < before && lastAt !== NEVER));
const isBilledSo = ({ isBilled, billed }: Figures, { sort, filter: { billedFrom } }: CustomersList): boolean => (sort !== 'billed' && billedFrom === undefined) || (isBilled && billed >= (billedFrom ?? -Infinity));

/** What the list holds, computed from the records one by one. */
function listed(all: readonly Customer[], whole: Scope, list: CustomersList): string[] {
  const scope = narrowed(whole, list.filter.department);
  const rows = all.flatMap((one, n): Seen[] => {
    const figures = figuresOf(one, scope);
    const key = { name: searchForm(one.name), registered: n, billed: figures.billed, 'last-contact': figures.lastAt }[list.sort];
    return within(scope, one.by) && isOfRecord(one, list) && isContacted(figures, list) && isBilledSo(figures, list) ? [{ id: uuid(`customer ${n}`), key }] : [];
  });
  return inOrder(rows, list.order === 'asc');
}

function found(all: readonly Customer[], scope: Scope, prefix: string): string[] {
  const rows = all.flatMap(({ by: own, name }, n): Seen[] => {
    const [key] = searchForms({ full: name }).filter((form) => form.startsWith(prefix)).sort();
    return key !== undefined && within(scope, own) ? [{ id: uuid(`customer ${n}`), key }] : [];
  });
  return inOrder(rows, true);
}

type Read = (cursor: Cursor | undefined) => Promise<Slice<CustomerSummary>>;

/** The ids on all pages, one after the other, and the same read back from the last. */
async function walked(read: Read): Promise<string[]> {
  const pages: string[][] = [];
  let page = await read(undefined);
  for (;;) {
    pages.push(page.rows.map(({ id }) => id));
    if (page.next === null) break;
    page = await read(readCursor(page.next));
  }
  for (let at = pages.length - 2; at >= 0; at--) {
    page = await read(readCursor(page.previous ?? ''));
    expect(page.rows.map(({ id }) => id)).toEqual(pages[at]);
  }
  return pages.flat();
}

describe('pages of lists and searches of customers', () => {
  const postgres = postgresForTests();

  it('are, forwards and back, those of all within the scope in order', async () => {
    await fc.assert(
      fc.asyncProperty(customers, fc.array(asked, { minLength: 20, maxLength: 20 }), async (all, questions) => {
        const told = all.flatMap(toldOf);
        const { ownerUrl: connectionString } = await postgres.freshDatabase();
        await built({ connectionString, model: card(() => ''), told, pageEvents: 50 }, async (readModels) => {
          const reader = readModels.reader('card');
          for (const { scope, limit, prefix, ...query } of questions) {
            const list = { ...query, filter: { ...query.filter, currency: 'GBP' } };
            expect({ ...query, scope, ids: await walked((cursor) => listCustomers(reader, scope, { list, limit, cursor })) }).toEqual({ ...query, scope, ids: listed(all, scope, list) });
            const search = { name: prefix, digests: undefined };
            expect({ prefix, scope, ids: await walked((cursor) => searchCustomers(reader, scope, { search, limit, cursor })) }).toEqual({ prefix, scope, ids: found(all, scope, prefix) });
          }
        });
      }),
      { numRuns: 6, interruptAfterTimeLimit: 120_000 },
    );
  }, 240_000);
});
