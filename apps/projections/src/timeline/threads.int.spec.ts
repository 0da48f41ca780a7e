import { EVERYWHERE, within, type AnnalsEvent, type Scope, type TimelineEntry } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';
import { postgresForTests } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { built, uuid, type Told } from '../fixtures/built.js';
import { readCursor } from '../keyset.js';
import type { TimelineFilter } from './timeline.filter.js';
import { conversationId } from './timeline.projection.js';
import { findTimeline } from './timeline.queries.js';
import { timeline } from './timeline.js';

const ADA = uuid('ada');
const DEPARTMENTS = ['emea', 'emea/uk', 'apac'];
const SCOPES: readonly Scope[] = [EVERYWHERE, { departments: ['emea'] }, { departments: ['emea/uk'] }, { departments: ['emea/uk', 'apac'] }];
/** Five days: so that conversations go on across the spans in which they are kept. */
const STEP_MS = 5 * 86_400_000;
const instantOf = (step: number): string => new Date(Date.UTC(2024, 0, 1) + step * STEP_MS).toISOString();

/** A message as it stands in the end. */
interface Message {
  readonly id: string;
  readonly step: number;
  readonly medium: 'email' | 'message';
  readonly direction: 'inbound' | 'outbound';
  readonly talk: string | null;
  readonly by: string;
  readonly isLinked: boolean;
}

const step = fc.integer({ min: 0, max: 20 });
const talk = fc.option(fc.constantFrom('a', 'b', 'c'), { freq: 4 });
const message = fc.record({ step, medium: fc.constantFrom('email' as const, 'message' as const), direction: fc.constantFrom('inbound' as const, 'inbound' as const, 'outbound' as const), talk, by: fc.constantFrom(...DEPARTMENTS, 'emea', 'emea') });
/** What becomes of a message: it is put at another time, into another conversation, or is nobody's. */
const later = fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.record({ step }) }, { weight: 1, arbitrary: fc.record({ talk: fc.constantFrom('a', 'e') }) }, { weight: 1, arbitrary: fc.constant({ isLinked: false }) });
const messages = fc.array(fc.tuple(message, later), { minLength: 20, maxLength: 100, size: 'max' });

const conversation = (key: string) => ({ platform: 'whatsapp', key });
const reason = { code: 'x' };

function toldOf([first, change]: readonly [Omit<Message, 'id' | 'isLinked'>, Partial<Message>], n: number): { told: Told[]; message: Message } {
  const id = uuid(`message ${n}`);
  const on = `communication-${id}`;
  const { by, medium, direction } = first;
  const subject = { ref: { customer: ADA }, as: 'party' as const };
  const told: Told[] = [{
    on, by, type: 'CommunicationLogged',
    data: {
      medium, direction, purpose: 'support', participants: [], parts: [], startedAt: instantOf(first.step), subjects: [{ ...subject, linkedBy: 'x', basis: 'person' }],
      ...(first.talk !== null && { conversation: conversation(first.talk) }),
    },
  }];
  const changed: AnnalsEvent<'CommunicationAmended'>['data']['changed'] = {
    ...(change.step !== undefined && { startedAt: instantOf(change.step) }), ...(typeof change.talk === 'string' && { conversation: conversation(change.talk) }),
  };
  if (Object.keys(changed).length > 0) told.push({ on, by, type: 'CommunicationAmended', data: { changed, reason, by: 'staff' } });
  if (change.isLinked === false) told.push({ on, by, type: 'CommunicationUnlinked', data: { subject } });
  return { told, message: { id, isLinked: true, ...first, ...change } };
}

const asked = fc.record({
  filter: fc.record(
    { medium: fc.constantFrom('email', 'message'), direction: fc.constantFrom('inbound', 'outbound'), kind: fc.constantFrom('communication' as const, 'transaction' as const), from: step.map((n) => Date.parse(instantOf(n))), to: step.map((n) => Date.parse(instantOf(n)) + 1) },
    { requiredKeys: [] },
  ),
  scope: fc.constantFrom(...SCOPES),
  limit: fc.integer({ min: 1, max: 6 }),
});

function isAsked(one: Message, { kind, medium, direction, from = -Infinity, to = Infinity }: TimelineFilter): boolean {
  const at = Date.parse(instantOf(one.step));
  const isSuch = [kind ?? 'communication', medium ?? one.medium, direction ?? one.direction].join() === ['communication', one.medium, one.direction].join();
  return isSuch && at >= from && at < to;
}

/** The timeline folded without a database: what each entry is, when it stands, and what a conversation holds. */
function folded(all: readonly Message[], filter: TimelineFilter, scope: Scope): unknown[] {
  const fits = all.filter((one) => one.isLinked && within(scope, one.by) && isAsked(one, filter));
  const inOrder = fits.sort((a, b) => b.step - a.step || (a.id < b.id ? 1 : -1));
  const threads = new Map<string, Message[]>();
  for (const one of inOrder) threads.set(one.talk ?? one.id, [...(threads.get(one.talk ?? one.id) ?? []), one]);
  return [...threads.values()].map((thread) => {
    const [latest] = thread;
    if (latest === undefined || latest.talk === null || thread.length === 1) return latest?.id;
    const distinct = (of: (one: Message) => string): string[] => [...new Set(thread.map(of))].sort();
    const firstAt = instantOf(thread.at(-1)?.step ?? 0);
    return { id: conversationId(conversation(latest.talk)), at: instantOf(latest.step), messages: thread.length, firstAt, media: distinct((one) => one.medium), directions: distinct((one) => one.direction), latest: latest.id };
  });
}

function shown(entry: TimelineEntry): unknown {
  if (entry.kind !== 'conversation') return entry.id;
  const { id, at, messages: count, firstAt, media, directions, latest } = entry;
  return { id, at, messages: count, firstAt, media, directions, latest: latest.id };
}

/** All pages, and all of them again from the last one back. */
async function everyPage(reader: ReadModelReader, scope: Scope, filter: TimelineFilter, limit: number): Promise<{ forth: unknown[]; back: unknown[] }> {
  const read = (cursor: string | null) => findTimeline(reader, scope, { customer: ADA, filter, limit, cursor: readCursor(cursor ?? undefined) });
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

describe('a folded timeline', () => {
  const postgres = postgresForTests();

  it('has each conversation once, at the last of its messages that fit, for any filters, scope and period, page by page in both directions', async () => {
    await fc.assert(
      fc.asyncProperty(messages, fc.array(asked, { minLength: 40, maxLength: 40 }), fc.integer({ min: 1, max: 20 }), async (stories, queries, pageEvents) => {
        const all = stories.map(toldOf);
        const { ownerUrl: connectionString } = await postgres.freshDatabase();
        await built({ connectionString, model: timeline, told: all.flatMap(({ told }) => told), pageEvents }, async (readModels) => {
          const reader = readModels.reader('timeline');
          for (const { filter, scope, limit } of queries) {
            const expected = folded(all.map(({ message: one }) => one), filter, scope);
            expect(await everyPage(reader, scope, filter, limit)).toEqual({ forth: expected, back: expected });
          }
        });
      }),
      { numRuns: 8, interruptAfterTimeLimit: 60_000 },
    );
  }, 180_000);
});
