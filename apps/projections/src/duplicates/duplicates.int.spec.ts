import { EVERYWHERE, within, type AnnalsEvent, type PossibleDuplicate, type Scope } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';
import { postgresForTests } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { card } from '../card/card.js';
import { ContactPoints } from '../customers/contact-points.js';
import { built, identities, uuid, type Told } from '../fixtures/built.js';
import { readCursor } from '../keyset.js';
import { findDuplicates } from './duplicates.queries.js';
import { MANY } from './duplicates.table.js';
import { likenessOf, referenceForm } from './likeness.js';

const { digestOf } = new ContactPoints(identities);
const DEPARTMENTS = ['emea', 'emea/uk', 'apac'];
const SCOPES: readonly Scope[] = [EVERYWHERE, ...[['emea'], ['emea/uk'], ['emea/uk', 'apac'], ['us']].map((departments) => ({ departments }))];
const MOST_PAIRED = 20;
const reason = { code: 'one-household' };

/** A customer as it stands in the end. */
interface Standing {
  readonly id: string;
  readonly by: string;
  readonly phones: readonly string[];
  readonly references: readonly string[];
  readonly distinctFrom: readonly string[];
}

const someone = fc.record({
  by: fc.constantFrom(...DEPARTMENTS),
  switchboard: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  phones: fc.subarray(['+442079460001', '+442079460002', '+442079460003'], { maxLength: 1 }),
  reference: fc.constantFrom('A 1', '0a1', 'B2', '00b2', 'c3', 'D', 'e'),
  leaves: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  others: fc.array(fc.nat(29), { maxLength: 2 }),
  /** Of the first of them it is taken back. */
  takesBack: fc.boolean(),
});
const people = fc.array(someone, { minLength: 12, maxLength: 30, size: 'max' });
type Someone = Parameters<Parameters<typeof people.map>[0]>[0][number];

const SWITCHBOARD = '+442079460000';
const idOfNth = (n: number): string => uuid(`customer ${n}`);

function toldOf(one: Someone, n: number): { told: Told[]; standing: Standing } {
  const [id, on] = [idOfNth(n), `customer-${idOfNth(n)}`];
  // Alone in a department: what it shares with many is nothing to who sees no other of them.
  const by = n === 0 ? 'us' : one.by;
  const all = [...(one.switchboard ? [SWITCHBOARD] : []), ...one.phones];
  const pointOf = (raw: string) => ({ id: uuid(`${id} ${raw}`), kind: 'phone', raw });
  const others = one.others.map(idOfNth).filter((other) => other !== id);
  const withdrawn = one.takesBack ? others.slice(0, 1) : [];
  const told = (event: AnnalsEvent): Told => ({ on, by, ...event });
  return {
    told: [
      told({ type: 'CustomerRegistered', data: { kind: 'person', contactPoints: one.phones.map(pointOf) } }),
      ...(one.switchboard ? [told({ type: 'ContactPointAdded', data: pointOf(SWITCHBOARD) })] : []),
      told({ type: 'ReferenceAdded', data: { system: 'shop', id: one.reference } }),
      ...others.map((other) => told({ type: 'DuplicateDismissed', data: { other, reason } })),
      ...withdrawn.map((other) => told({ type: 'DuplicateDismissalWithdrawn', data: { other, reason } })),
      ...(one.leaves && one.switchboard ? [told({ type: 'ContactPointRemoved', data: { id: pointOf(SWITCHBOARD).id } })] : []),
    ],
    standing: { id, by, phones: one.leaves ? all.filter((phone) => phone !== SWITCHBOARD) : all, references: [one.reference], distinctFrom: others.filter((other) => !withdrawn.includes(other)) },
  };
}

/** Events of all streams one after the other, each stream in its own order. */
function dealt(streams: readonly (readonly Told[])[]): Told[] {
  const most = Math.max(...streams.map(({ length }) => length));
  return Array.from({ length: most }, (_, n) => streams.flatMap((stream) => stream.slice(n, n + 1))).flat();
}

/** What customers have alike, found without a database. */
function sharing(all: readonly Standing[]): Map<string, { likeness: string; owners: Standing[] }> {
  const shared = new Map<string, { likeness: string; owners: Standing[] }>();
  const note = (one: Standing, digest: string, likeness: string): void => {
    const owners = shared.get(digest)?.owners ?? [];
    shared.set(digest, { likeness, owners: owners.includes(one) ? owners : [...owners, one] });
  };
  for (const one of all) {
    for (const phone of one.phones) note(one, digestOf('phone', phone), 'contact-point phone');
    for (const id of one.references) note(one, digestOf('reference shop', referenceForm(id)), 'reference shop');
  }
  return shared;
}

const areTwo = (a: Standing, b: Standing): boolean => a.distinctFrom.includes(b.id) || b.distinctFrom.includes(a.id);

function expectedIn(all: readonly Standing[], scope: Scope): unknown[] {
  const rows = new Map<string, { ids: string[]; count: number; likenesses: Set<string> }>();
  for (const [digest, { likeness, owners }] of sharing(all)) {
    const seen = owners.filter(({ by }) => within(scope, by)).sort((a, b) => (a.id < b.id ? -1 : 1));
    if (owners.length > MOST_PAIRED) {
      if (seen.length > 1) rows.set(`${digest} ${MANY}`, { ids: seen.slice(0, 5).map(({ id }) => id), count: seen.length, likenesses: new Set([likeness]) });
      continue;
    }
    for (const [n, a] of seen.entries()) {
      for (const b of seen.slice(n + 1).filter((other) => !areTwo(a, other))) {
        const key = `${a.id} ${b.id}`;
        rows.set(key, { ids: [a.id, b.id], count: 2, likenesses: (rows.get(key)?.likenesses ?? new Set()).add(likeness) });
      }
    }
  }
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([, { ids, count, likenesses }]) => ({ ids, count: { value: count, more: false }, reasons: [...likenesses].sort().map(likenessOf) }));
}

const shown = ({ customers, count, reasons }: PossibleDuplicate) => ({ ids: customers.map(({ id }) => id), count, reasons });

/** All pages, and all of them again from the last one back. */
async function everyPage(reader: ReadModelReader, scope: Scope, limit: number): Promise<{ forth: unknown[]; back: unknown[] }> {
  const read = (cursor: string | null) => findDuplicates(reader, scope, { limit, cursor: readCursor(cursor ?? undefined) });
  const forth: unknown[] = [];
  let page = await read(null);
  for (; ; page = await read(page.next)) {
    forth.push(...page.rows.map(shown));
    if (page.next === null) break;
  }
  const back = page.rows.map(shown);
  while (page.previous !== null) {
    page = await read(page.previous);
    back.unshift(...page.rows.map(shown));
  }
  return { forth, back };
}

describe('the queue of possible duplicates', () => {
  const postgres = postgresForTests();

  it('has each pair once with its reasons, and what many share as one, for any scope, order of streams and cut into batches', async () => {
    await fc.assert(
      fc.asyncProperty(people, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 9 }), async (list, pageEvents, limit) => {
        const all = list.map(toldOf);
        const streams = all.map(({ told }) => told);
        for (const [told, size] of [[dealt(streams), pageEvents], [streams.flat(), 1_000]] as const) {
          const { ownerUrl: connectionString } = await postgres.freshDatabase();
          await built({ connectionString, model: card(digestOf), told, pageEvents: size }, async (readModels) => {
            for (const scope of SCOPES) {
              const expected = expectedIn(all.map(({ standing }) => standing), scope);
              expect(await everyPage(readModels.reader('card'), scope, limit)).toEqual({ forth: expected, back: expected });
            }
          });
        }
      }),
      { numRuns: 8, interruptAfterTimeLimit: 60_000 },
    );
  }, 180_000);

  it.each([['A-1 ', 'a-1'], ['００７', '7'], ['0', '0'], ['007 8', '78']])('takes the reference %j for %j', (id, form) => {
    expect(referenceForm(id)).toBe(form);
  });
});
