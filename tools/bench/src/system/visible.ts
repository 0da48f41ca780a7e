import { below, median, percentile, type Result } from '../report.js';
import { communication } from './commands.js';
import { Sender } from './load.js';
import { customerId, withSystem } from './running.js';

const RATE = 1_000;
const RUN_MS = 10_000;
// Cold processes take longer for everything: some ten thousand commands, until the compiler has seen them.
const WARM_MS = 15_000;
const ROUNDS = 3;
const TICK_MS = 5;
/** One command in so many is looked for; to look for all would measure the looking. */
const SAMPLE = 20;
const CUSTOMERS = 500;
const CONNECTIONS = 256;

interface Run {
  readonly perSecond: number;
  /** From the answer to the command to the answer of the card that shows it, in milliseconds. */
  readonly visible: readonly number[];
}

async function command(sender: Sender, url: string, n: number, visible: number[]): Promise<void> {
  const sent = await sender.must(201, { method: 'POST', url: `${url}/communications`, body: communication(n) });
  if (n % SAMPLE !== 0) return;
  const { stream, revision } = JSON.parse(sent.body) as { stream: string; revision: number };
  const appended = performance.now();
  await sender.must(200, { url: `${url}/customers/${customerId(n % CUSTOMERS)}?waitFor=${stream}@${revision}` });
  visible.push(performance.now() - appended);
}

async function run(sender: Sender, url: string, first: number, ms: number): Promise<Run> {
  const visible: number[] = [];
  const inFlight = new Set<Promise<void>>();
  const started = performance.now();
  let sent = 0;
  let failure: unknown;
  while (performance.now() - started < ms && failure === undefined) {
    // Commands are due by the clock, so that a slow answer does not slow down the next command.
    const due = Math.floor(((performance.now() - started) / 1_000) * RATE);
    for (; sent < due; sent++) {
      const one = command(sender, url, first + sent, visible)
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
    const sender = new Sender(CONNECTIONS);
    await run(sender, system.url, 0, WARM_MS);
    const runs: Run[] = [];
    for (let round = 0; round < ROUNDS; round++) runs.push(await run(sender, system.url, round * RATE * RUN_MS, RUN_MS));
    sender.close();
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
