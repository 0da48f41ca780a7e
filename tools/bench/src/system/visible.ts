import { below, median, percentile, type Result } from '../report.js';
import { customerId, withSystem } from './running.js';

const RATE = 1_000;
const RUN_MS = 10_000;
const WARM_MS = 3_000;
const ROUNDS = 3;
const TICK_MS = 5;
/** One command in so many is looked for; to look for all would measure the looking. */
const SAMPLE = 20;
const CUSTOMERS = 500;

interface Run {
  readonly perSecond: number;
  /** From the answer to the command to the answer of the card that shows it, in milliseconds. */
  readonly visible: readonly number[];
}

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

async function command(url: string, n: number, visible: number[]): Promise<void> {
  const customer = customerId(n % CUSTOMERS);
  const response = await post(`${url}/communications`, {
    medium: 'message',
    platform: 'sms',
    direction: 'inbound',
    purpose: 'support',
    startedAt: new Date().toISOString(),
    subjects: [{ ref: { customer }, as: 'party' }],
    parts: [{ role: 'body', mediaType: 'text/plain', text: `message ${n}` }],
  });
  if (response.status !== 201) throw new Error(`a command was answered with ${response.status}: ${await response.text()}`);
  const { stream, revision } = (await response.json()) as { stream: string; revision: number };
  if (n % SAMPLE !== 0) return;
  const appended = performance.now();
  const card = await fetch(`${url}/customers/${customer}?waitFor=${stream}@${revision}`);
  await card.arrayBuffer();
  if (card.status !== 200) throw new Error(`a card was answered with ${card.status}`);
  visible.push(performance.now() - appended);
}

async function run(url: string, first: number, ms: number): Promise<Run> {
  const visible: number[] = [];
  const inFlight = new Set<Promise<void>>();
  const started = performance.now();
  let sent = 0;
  let failure: unknown;
  while (performance.now() - started < ms && failure === undefined) {
    // Commands are due by the clock, so that a slow answer does not slow down the next command.
    const due = Math.floor(((performance.now() - started) / 1_000) * RATE);
    for (; sent < due; sent++) {
      const one = command(url, first + sent, visible)
        .catch((error: unknown) => (failure ??= error))
        .then(() => void inFlight.delete(one));
      inFlight.add(one);
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  await Promise.all(inFlight);
  if (failure !== undefined) throw failure;
  return { perSecond: sent / ((performance.now() - started) / 1_000), visible };
}

/** From append to visible through HTTP, at 1,000 commands a second through the front door. */
export function visible(): Promise<Result> {
  return withSystem(async (system) => {
    await run(system.url, 0, WARM_MS);
    const runs: Run[] = [];
    for (let round = 0; round < ROUNDS; round++) runs.push(await run(system.url, round * RATE * RUN_MS, RUN_MS));
    const p50 = runs.map((each) => percentile(each.visible, 0.5));
    const p99 = runs.map((each) => percentile(each.visible, 0.99));
    return {
      rows: [
        { name: 'commands', unit: 'a second', runs: runs.map(({ perSecond }) => perSecond) },
        { name: 'append to visible, p50', unit: 'ms', runs: p50 },
        { name: 'append to visible, p99', unit: 'ms', runs: p99 },
      ],
      goals: [below('append to visible, p50 in ms', median(p50), 15), below('append to visible, p99 in ms', median(p99), 50)],
    };
  });
}
