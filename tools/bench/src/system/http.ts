import { atLeast, median, percentile, type Result } from '../report.js';
import { communication, transaction } from './commands.js';
import { callers, Sender, type Run } from './load.js';
import { withSystem } from './running.js';

const CALLERS = 64;
const RUN_MS = 8_000;
const ROUNDS = 3;

/** Durable commands a second, half of them communications and half transactions, through a service and through the gateway. */
export function http(): Promise<Result> {
  return withSystem(async (system) => {
    const sender = new Sender(CALLERS);
    const through = (base: (service: 'communications' | 'transactions') => string) => (n: number) =>
      n % 2 === 0
        ? sender.must(201, { method: 'POST', url: `${base('communications')}/communications`, body: communication(n) })
        : sender.must(201, { method: 'POST', url: `${base('transactions')}/transactions`, body: transaction(n) });
    const ways = {
      'through the services': through((service) => system.serviceUrls[service] ?? ''),
      'through the gateway': through(() => system.url),
    };
    const runs = new Map<string, Run[]>();
    // The first round warms the processes up and is not counted.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [name, send] of Object.entries(ways)) {
        process.stderr.write(`http: round ${round} of ${ROUNDS}, ${name}\n`);
        const run = await callers(CALLERS, RUN_MS, send);
        if (round > 0) runs.set(name, [...(runs.get(name) ?? []), run]);
      }
    }
    sender.close();
    const rates = (name: string): number[] => (runs.get(name) ?? []).map(({ perSecond }) => perSecond);
    return {
      rows: [...runs].flatMap(([name, each]) => [
        { name: `commands ${name}`, unit: 'a second', runs: rates(name) },
        { name: `commands ${name}, p50`, unit: 'ms', runs: each.map(({ latencies }) => percentile(latencies, 0.5)) },
        { name: `commands ${name}, p99`, unit: 'ms', runs: each.map(({ latencies }) => percentile(latencies, 0.99)) },
      ]),
      goals: [
        atLeast('commands a second through a service', median(rates('through the services')), 4_000),
        atLeast('commands a second through the gateway', median(rates('through the gateway')), 3_000),
      ],
    };
  });
}
