import { openPostgresStore } from '@annals/event-store';
import type { System } from '@annals/local';

import { atLeast, median, type Result } from '../report.js';
import { call, customerId, readModels, sendBatch, until, withSystem } from './running.js';

const EVENTS = 200_000;
const CUSTOMERS = 5_000;
const LINES = 5_000;
const ROUNDS = 3;
const PAGE = 2_000;
const WITHIN_MS = 300_000;
const MODELS = ['card', 'timeline'];

function communication(n: number): object {
  const startedAt = new Date(Date.UTC(2020, 0, 1) + n * 60_000).toISOString();
  return {
    medium: n % 3 === 0 ? 'email' : 'message',
    platform: 'sms',
    direction: n % 2 === 0 ? 'inbound' : 'outbound',
    purpose: 'support',
    startedAt,
    subjects: [{ ref: { customer: customerId(n % CUSTOMERS) }, as: 'party' }],
    participants: [{ role: 'from', address: { kind: 'phone', raw: `+4420794600${n % 100}` } }],
    parts: [{ role: 'body', mediaType: 'text/plain', text: `message ${n}` }],
  };
}

function transaction(n: number): object {
  return {
    kind: 'invoice',
    number: String(n),
    issuedOn: '2020-01-01',
    currency: 'GBP',
    parties: [{ customerId: customerId(n % CUSTOMERS), role: 'buyer' }],
    lines: [{ sku: 'A1', quantity: '2', unitPrice: '2.55', amountMinor: 510 }],
    totalMinor: 510,
  };
}

async function fill(system: System): Promise<void> {
  for (let sent = 0; sent < EVENTS; sent += LINES) {
    const numbers = Array.from({ length: LINES }, (_, index) => sent + index);
    const isTalk = (sent / LINES) % 2 === 0;
    await sendBatch(`${system.url}/${isTalk ? 'communications' : 'transactions'}/batch`, numbers.map(isTalk ? communication : transaction));
    process.stderr.write(`project: ${sent + LINES} of ${EVENTS} events\n`);
  }
}

/** Events a second of reading every page of the log, and nothing else. */
async function bareRead(system: System): Promise<number> {
  const store = await openPostgresStore({ connectionString: system.databases.eventStore });
  const started = performance.now();
  let count = 0;
  for (let after = 0; ; ) {
    const page = await store.readAll({ after, limit: PAGE });
    count += page.events.length;
    if (page.next === after) break;
    after = page.next;
  }
  const seconds = (performance.now() - started) / 1_000;
  await store.close();
  return count / seconds;
}

/** Events a second of rebuilding both read models at once, until both new generations are live. */
async function rebuild(system: System): Promise<number> {
  const of = async (): Promise<Map<string, string>> =>
    new Map((await readModels(system.url)).filter(({ state }) => state === 'live').map(({ name, generation }) => [name, generation]));
  const before = await of();
  const started = performance.now();
  await Promise.all(MODELS.map((name) => call(`${system.url}/read-models/${name}/rebuild`, { method: 'POST' })));
  await until(async () => {
    const now = await of();
    return MODELS.every((name) => now.get(name) !== undefined && now.get(name) !== before.get(name));
  }, WITHIN_MS);
  return EVENTS / ((performance.now() - started) / 1_000);
}

/** Rebuilding timeline and card together, beside the bare read of the same log. */
export function project(): Promise<Result> {
  return withSystem(async (system) => {
    await fill(system);
    await until(async () => (await readModels(system.url)).every(({ lag }) => lag === 0), WITHIN_MS);
    const bare: number[] = [];
    const built: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      process.stderr.write(`project: round ${round + 1} of ${ROUNDS}\n`);
      bare.push(await bareRead(system));
      built.push(await rebuild(system));
    }
    return {
      rows: [
        { name: 'bare read of the log', unit: 'events/s', runs: bare },
        { name: 'timeline and card rebuilt together', unit: 'events/s', runs: built },
      ],
      goals: [
        atLeast('rebuild, events a second', median(built), 20_000),
        atLeast('rebuild as a share of the bare read', median(built) / median(bare), 0.25),
      ],
    };
  });
}
