import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { System } from '@annals/local';
import { ALL_DEPARTMENTS, keyPairFiles, signingKey, signToken } from '@annals/tokens';

import { atLeast, median, percentile, type Result, type Row } from '../report.js';
import { communication, transaction } from './commands.js';
import { callers, Sender, type Run } from './load.js';
import { withSystem } from './running.js';

const CALLERS = 64;
const RUN_MS = 8_000;
const ROUNDS = 3;
const TOKEN_SECONDS = 3_600;

type Ways = Readonly<Record<string, (n: number) => Promise<unknown>>>;

/** What authorises a call where callers must have tokens. */
async function authorisation({ dataDir, tokens }: System): Promise<Record<string, string>> {
  if (!tokens) return {};
  const key = signingKey(await readFile(join(dataDir, keyPairFiles.signing), 'utf8'));
  const token = await signToken({ subject: 'bench', roles: ['integrator'], departments: [ALL_DEPARTMENTS], kind: 'service', expiresIn: TOKEN_SECONDS }, key);
  return { authorization: `Bearer ${token}` };
}

async function waysInto(system: System, sender: Sender): Promise<Ways> {
  const headers = await authorisation(system);
  const through = (base: (service: 'communications' | 'transactions') => string) => (n: number) =>
    n % 2 === 0
      ? sender.must(201, { method: 'POST', url: `${base('communications')}/communications`, body: communication(n), headers })
      : sender.must(201, { method: 'POST', url: `${base('transactions')}/transactions`, body: transaction(n), headers });
  const suffix = system.tokens ? ', with tokens' : '';
  return {
    [`through the services${suffix}`]: through((service) => system.serviceUrls[service] ?? ''),
    [`through the gateway${suffix}`]: through(() => system.url),
  };
}

/** Durable commands a second, half of them communications and half transactions, through a service and through the gateway. */
export async function http(): Promise<Result> {
  const runs = new Map<string, Run[]>();
  for (const tokens of [false, true]) await withSystem((system) => measure(system, runs), { tokens });
  const rates = (name: string): number => median((runs.get(name) ?? []).map(({ perSecond }) => perSecond));
  return {
    rows: [...runs].flatMap(([name, each]): Row[] => [
      { name: `commands ${name}`, unit: 'a second', runs: each.map(({ perSecond }) => perSecond) },
      { name: `commands ${name}, p50`, unit: 'ms', runs: each.map(({ latencies }) => percentile(latencies, 0.5)) },
      { name: `commands ${name}, p99`, unit: 'ms', runs: each.map(({ latencies }) => percentile(latencies, 0.99)) },
    ]),
    goals: ['', ', with tokens'].flatMap((suffix) => [
      atLeast(`commands a second through a service${suffix}`, rates(`through the services${suffix}`), 4_000),
      atLeast(`commands a second through the gateway${suffix}`, rates(`through the gateway${suffix}`), 3_000),
    ]),
  };
}

async function measure(system: System, runs: Map<string, Run[]>): Promise<void> {
  const sender = new Sender(CALLERS);
  const ways = await waysInto(system, sender);
  // The first round warms the processes up and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, send] of Object.entries(ways)) {
      process.stderr.write(`http: round ${round} of ${ROUNDS}, ${name}\n`);
      const run = await callers(CALLERS, RUN_MS, send);
      if (round > 0) runs.set(name, [...(runs.get(name) ?? []), run]);
    }
  }
  sender.close();
}
