import type { logCommunication, recordTransaction, registerCustomer } from '@annals/contracts';
import type { z } from 'zod';

import { conversationsOf, type Said } from './conversations.js';
import type { Person } from './people.js';
import { purchasesOf, recordsOf, type Record } from './purchases.js';
import { Random } from './random.js';

/** The source system that the demonstration's records name. */
export const SYSTEM = 'demo';

/** Nothing of the demonstration is later, so that it comes out the same whenever it is made. */
const LATEST = Date.parse('2026-10-31T00:00:00Z');
const DAY_MS = 86_400_000;

const time = (at: number): string => new Date(at).toISOString();

function metaOf(recordId: string, at: number, department: string) {
  return { department, source: { system: SYSTEM, recordId }, occurredAt: time(at) };
}

/** The time in which a customer has to do with the shop. */
function lifeOf(random: Random, { isDormant }: Person): { from: number; to: number } {
  const from = LATEST - random.whole(isDormant ? 400 : 120, 540) * DAY_MS;
  return { from, to: LATEST - (isDormant ? random.whole(210, 380) : random.whole(5, 60)) * DAY_MS };
}

/** The command that registers a customer. */
export function registerOf(person: Person): z.input<typeof registerCustomer> {
  const { number, kind, name, contactPoints, language, market } = person;
  const { from } = lifeOf(new Random(Number(number)), person);
  return {
    key: `demo:customer:${number}`,
    meta: { ...metaOf(number, from, market.sales), zone: market.zone },
    kind,
    name,
    contactPoints: contactPoints.map((point) => ({ ...point })),
    reference: { system: SYSTEM, id: number },
    language: language === 'zh' ? 'zh-Hans' : 'en',
    country: market.country,
    zone: market.zone,
  };
}

/** All that a customer does, as commands. */
export interface Dealings {
  readonly transactions: readonly z.input<typeof recordTransaction>[];
  readonly communications: readonly z.input<typeof logCommunication>[];
}

/**
 * What is recorded between a customer and the shop.
 *
 * @param customerId - the id that the customer has in Annals
 */
export function dealingsOf(person: Person, customerId: string): Dealings {
  const random = new Random(Number(person.number));
  const life = lifeOf(random, person);
  const purchases = purchasesOf(random, person, life);
  const records = purchases.flatMap((purchase) => recordsOf(random, purchase)).filter(({ at }) => at < LATEST);
  const said = conversationsOf(random, person, { ...life, purchases }).filter(({ at }) => at < LATEST);
  return {
    transactions: records.map((record) => transactionOf(record, person, customerId)),
    communications: said.map((each) => communicationOf(each, person, customerId)),
  };
}

function transactionOf(record: Record, { market }: Person, customerId: string): z.input<typeof recordTransaction> {
  const { kind, number, at, lines, charges, totalMinor } = record;
  return {
    key: `demo:transaction:${number}`,
    meta: { ...metaOf(number, at, market.sales), zone: market.zone },
    kind,
    number,
    reference: { system: SYSTEM, id: number },
    parties: [{ customerId, role: 'buyer' }],
    issuedOn: time(at).slice(0, 10),
    currency: market.currency,
    lines: lines.map((line) => ({ ...line })),
    ...(charges.length > 0 ? { charges: charges.map((charge) => ({ ...charge })) } : {}),
    totalMinor,
    country: market.country,
  };
}

const ROLES = {
  voice: ['caller', 'callee'],
  meeting: ['host', 'attendee'],
  web: ['author', 'reader'],
  email: ['from', 'to'],
  message: ['from', 'to'],
  post: ['from', 'to'],
  note: ['author', 'reader'],
} as const;

/** The kinds of contact point that serve a medium, the best first. */
const KINDS = {
  voice: ['phone', 'wechat'],
  message: ['whatsapp', 'wechat', 'phone'],
  email: ['email'],
  meeting: ['email'],
  web: ['email'],
  post: [],
  note: [],
} as const;

function participantsOf({ step }: Said, { contactPoints, name, number }: Person) {
  const [sender, receiver] = ROLES[step.medium];
  const desk = { staffId: `desk-${Number(number) % 7}` };
  if (step.direction === 'internal') return [{ role: sender, ...desk }];
  const kinds: readonly string[] = KINDS[step.medium];
  const address = kinds.map((kind) => contactPoints.find((point) => point.kind === kind)).find((point) => point !== undefined);
  const customer = address === undefined ? {} : { address: { ...address }, name: name.full };
  return step.direction === 'inbound'
    ? [{ role: sender, ...customer }, { role: receiver, ...desk }]
    : [{ role: sender, ...desk }, { role: receiver, ...customer }];
}

/** When it was answered and ended, where it took time. */
function courseOf({ at, step, duration }: Said) {
  if (duration === undefined) return {};
  const isAnswered = step.medium === 'meeting' || step.disposition === 'answered';
  return { endedAt: time(at + duration.whole), ...(isAnswered && { answeredAt: time(at + duration.ringing) }) };
}

function communicationOf(said: Said, person: Person, customerId: string): z.input<typeof logCommunication> {
  const { number, at, step, purpose, platform, title, text, thread } = said;
  return {
    key: `demo:communication:${number}`,
    meta: metaOf(number, at, ['sales', 'marketing'].includes(purpose) ? person.market.sales : person.market.care),
    medium: step.medium,
    ...(platform !== undefined && { platform, conversation: { platform, key: thread } }),
    direction: step.direction,
    purpose,
    participants: participantsOf(said, person),
    subjects: [{ ref: { customer: customerId }, as: step.medium === 'note' ? 'about' : 'party', basis: 'reference' }],
    startedAt: time(at),
    ...courseOf(said),
    ...(step.disposition !== undefined && { disposition: step.disposition }),
    ...(title !== undefined && { title }),
    parts: [{ role: 'body', mediaType: 'text/plain', language: person.language === 'zh' ? 'zh-Hans' : 'en', text }],
    reference: { system: SYSTEM, id: number },
  };
}
