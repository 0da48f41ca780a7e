import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemStatus, type SystemStatus } from '@annals/contracts';
import { eventually, httpClient, kafkaForTests } from '@annals/testing';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';

import { annals, startAnnals, type Finished } from './fixtures/annals.js';
import { systemForTests } from './fixtures/running-system.js';
import { smallLedger } from './fixtures/small-ledger.js';

const PREFIX = `e2e-${randomUUID()}`;
const READ_MODELS = ['card', 'timeline', 'records'] as const;
const LONG = { withinMs: 90_000, everyMs: 100 };
const TEST_MS = 240_000;

describe('the system on Kafka', () => {
  const kafka = kafkaForTests();
  const system = systemForTests({ where: kafka.isThere, env: () => ({ KAFKA_BROKERS: kafka.brokers(), KAFKA_TOPIC_PREFIX: PREFIX, KAFKA_PARTITIONS: '6' }) });
  const http = httpClient(() => system().url);
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'annals-kafka-e2e-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const importing = async (ledger: ReturnType<typeof smallLedger>): Promise<ReturnType<typeof startAnnals>> => {
    const path = join(folder, `${ledger.transactions}.csv`);
    await writeFile(path, ledger.text);
    return startAnnals(['import', 'retail', path, '--json'], system().url);
  };
  const figuresOf = ({ out }: Finished): Record<string, unknown> => {
    const { figures } = JSON.parse(out) as { figures: readonly { figure: string; file: number; log: number; readModels: number }[] };
    return Object.fromEntries(figures.map(({ figure, ...values }) => [figure, [values.file, values.log, values.readModels]]));
  };
  const expectWhole = (finished: Finished, ledger: ReturnType<typeof smallLedger>): void => {
    expect(finished.err).not.toMatch(/Error|rejected/);
    expect(figuresOf(finished)).toMatchObject({
      lines: Array(3).fill(ledger.lines), transactions: Array(3).fill(ledger.transactions), customers: Array(3).fill(ledger.customers), 'sum in GBP': Array(3).fill(ledger.totalMinor),
    });
    expect(finished.code).toBe(0);
  };
  const position = async (): Promise<number> => Number((await http.get('/services/communications/log')).body['position']);
  const status = async (): Promise<SystemStatus> => systemStatus.parse((await http.get('/status')).body);
  const caughtUp = (): Promise<SystemStatus> =>
    eventually(async () => {
      const found = await status();
      expect(found.readModels.filter(({ name, lag }) => lag > 0 && name !== 'features')).toEqual([]);
      return found;
    }, LONG);
  /** What Kafka made of the events, beside what a rebuild makes of the log. */
  const expectSameAsFromLog = async (): Promise<void> => {
    await caughtUp();
    const { out } = await annals(['rebuild', ...READ_MODELS, '--json'], system().url);
    const rebuilt = JSON.parse(out) as { name: string; isSame: boolean | null }[];
    expect(rebuilt.map(({ name, isSame }) => [name, isSame])).toEqual(READ_MODELS.map((name) => [name, true]));
  };

  kafka.it('has its read models from there: an import reconciles, though projections are killed in the middle, and what comes out is what a rebuild from the log makes', async () => {
    const ledger = smallLedger(1_500);
    const before = await position();
    const run = await importing(ledger);
    await eventually(async () => (await position()) > before, LONG);
    system().kill('projections');
    expectWhole(await run.finished, ledger);
    const found = await caughtUp();
    expect(found.kafka?.brokers).toEqual([kafka.brokers()]);
    const card = found.readModels.find(({ name }) => name === 'card');
    expect(card?.topics.map(({ name }) => name)).toContain(`${PREFIX}.customers.events`);
    await eventually(async () => {
      for (const { topics, parked, refused } of (await status()).readModels) expect([topics.filter(({ lag }) => lag !== 0), parked, refused]).toEqual([[], 0, 0]);
    }, LONG);
    await expectSameAsFromLog();
  }, TEST_MS);

  kafka.it('shows what a reader has just written, as one who waits for it sees', async () => {
    for (let n = 0; n < 10; n += 1) {
      const written = await http.post('/customers', { kind: 'person', name: { full: `Reader ${n}` } });
      const id = String(written.body['id']);
      const read = await http.get(`/customers/${id}?waitFor=customer-${id}@0`);
      expect([read.status, (read.body['name'] as { full: string }).full]).toEqual([200, `Reader ${n}`]);
    }
  }, TEST_MS);

  kafka.it('comes to no harm by a group whose offsets are gone, so that it reads its topics from the beginning', async () => {
    const before = await caughtUp();
    const admin = kafka.client().admin();
    await admin.connect();
    const ours = async (): Promise<string[]> => (await admin.listGroups()).groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(`${PREFIX}.projections.`));
    const { projections: pid = 0 } = system().pids();
    process.kill(pid, 'SIGTERM');
    // Groups can be taken away while nobody is in them, until the process that is started anew has joined.
    await eventually(async () => {
      const groups = await ours();
      expect(groups.length).toBeGreaterThan(0);
      await admin.deleteGroups(groups);
    }, { withinMs: 30_000, everyMs: 20 });
    await admin.disconnect();
    const ledger = smallLedger(1_800);
    expectWhole(await (await importing(ledger)).finished, ledger);
    expect((await caughtUp()).log.position).toBeGreaterThan(before.log.position);
    await expectSameAsFromLog();
  }, TEST_MS);
});
