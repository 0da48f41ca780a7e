import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { categoryOf, idOf, type AnnalsEvent, type Metadata, type SegmentsView } from '@annals/contracts';
import { openMemoryStore, type EventStore } from '@annals/event-store';
import { ReadModels } from '@annals/read-models';
import { createEventCodec, createIdentities, memoryKeyStore } from '@annals/sealing';
import { listen, Log, type Running } from '@annals/service';
import { eventually, postgresForTests } from '@annals/testing';
import { newKeyPair, signingKey, signToken } from '@annals/tokens';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { analyticsOn } from './analytics.js';
import { featuresReadModel } from './features/features.read-model.js';

const identities = createIdentities(Buffer.alloc(32, 1));
const codec = createEventCodec({ identities, keys: memoryKeyStore(Buffer.alloc(32, 2)) });

const metadata = (effectiveAt: string): Metadata => ({
  format: 1,
  actor: { id: 'unverified', kind: 'unverified', assurance: 'none' },
  department: 'default',
  occurredAt: effectiveAt,
  precision: 'instant',
  effectiveAt,
  commandId: randomUUID(),
  fingerprint: '00',
  correlationId: randomUUID(),
});

const invoice = (customerId: string, totalMinor: number): AnnalsEvent => ({
  type: 'TransactionRecorded',
  data: { kind: 'invoice', parties: [{ customerId, role: 'buyer' }], issuedOn: '2011-12-09', currency: 'GBP', lines: [], totalMinor },
});

const customerNumber = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const day = (n: number): string => new Date(Date.UTC(2011, 0, 1 + n)).toISOString();

describe('analytics', () => {
  const postgres = postgresForTests();
  let databaseUrl: string;
  let log: Log;
  let running: Running | undefined;

  beforeEach(async () => {
    databaseUrl = (await postgres.freshDatabase()).ownerUrl;
    log = new Log(openMemoryStore(), codec, identities);
  });

  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  const start = async (on = log, tokens: { readonly TOKEN_PUBLIC_KEY_FILE?: string } = {}): Promise<Running> => {
    const config = { HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', ANNALS_DEMO: '0' } as const;
    const stores = { EVENT_STORE_URL: 'memory:', DEPLOYMENT_KEY_FILE: '-' };
    const settings = { ...config, ...stores, DATABASE_URL: databaseUrl, ANNALS_TIME_ZONE: 'UTC', ...tokens };
    running = await listen(analyticsOn({ log: on, dependencies: [] }, settings));
    return running;
  };

  /** Ten of each: big and frequent, small and recent, small and long away. */
  const threeGroups = async (): Promise<void> => {
    for (let n = 0; n < 30; n++) {
      const [count, minor, at] = n < 10 ? [12, 90_000, 300] : n < 20 ? [2, 900 + n, 310] : [1, 700 + n, 5];
      for (let i = 0; i < count; i++) await log.append(`transaction-${randomUUID()}`, 'NoStream', [invoice(customerNumber(n), minor + i)], metadata(day(at + i)));
    }
  };

  const train = (body: object, key: string = randomUUID()): Promise<Response> =>
    fetch(`${running?.url}/segments/training`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    });

  const segments = async (): Promise<SegmentsView> => (await (await fetch(`${running?.url}/segments`)).json()) as SegmentsView;

  const decisions = async (store: EventStore = log.store): Promise<string[]> =>
    (await store.readAll({ after: 0, limit: 10_000, categories: ['membership'] })).events.map(({ stream }) => idOf(stream));

  it('says that there are no segments before a training', async () => {
    await start();
    const answer = await eventually(async () => {
      const response = await fetch(`${running?.url}/segments`);
      expect(response.status).toBe(404);
      return response;
    });
    expect(await answer.json()).toMatchObject({ code: 'segmentation-not-trained' });
  });

  it('puts every customer in a segment, and keeps the segments at a second training', async () => {
    await threeGroups();
    await start();
    const answer = await eventually(async () => {
      const response = await train({ k: 3, seed: 7 });
      expect(response.status).toBe(201);
      return response;
    });
    expect(answer.headers.get('location')).toMatch(/^\/segments\//);
    const first = await eventually(async () => {
      const view = await segments();
      expect(view.segments.map(({ members }) => members).sort()).toEqual([10, 10, 10]);
      return view;
    });
    expect(new Set(await decisions()).size).toBe(30);

    expect((await train({ k: 3, seed: 8 })).status).toBe(200);
    const second = await eventually(async () => {
      const view = await segments();
      expect(view.model).toBe(2);
      return view;
    });
    expect(second.segments.map(({ id }) => id).sort()).toEqual(first.segments.map(({ id }) => id).sort());
    expect(await decisions()).toHaveLength(30);
  });

  it('counts and lists members only for who sees every department', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'annals-segments-'));
    const pair = newKeyPair();
    await writeFile(join(folder, 'token.pub'), pair.verifying);
    const ask = async (path: string, departments: string[], init: RequestInit = {}): Promise<Response> => {
      const token = await signToken({ subject: 'ann', roles: ['admin'], departments, kind: 'person', expiresIn: 60 }, signingKey(pair.signing));
      return await fetch(`${running?.url}${path}`, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });
    };
    const members = async (departments: string[]): Promise<unknown[]> =>
      ((await (await ask('/segments', departments)).json()) as SegmentsView).segments.map((each) => each.members);
    try {
      await threeGroups();
      await start(log, { TOKEN_PUBLIC_KEY_FILE: join(folder, 'token.pub') });
      const training = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ k: 3, seed: 7, meta: { department: 'default' } }) };
      await eventually(async () => expect((await ask('/segments/training', ['*'], training)).status).toBe(201));
      await eventually(async () => expect((await members(['*'])).sort()).toEqual([10, 10, 10]));
      expect(await members(['default'])).toEqual([null, null, null]);
      const { segments: [first] } = (await (await ask('/segments', ['*'])).json()) as SegmentsView;
      expect((await ask(`/segments/${first?.id}/members`, ['*'])).status).toBe(200);
      const [foreign, mistaken] = [await ask(`/segments/${first?.id}/members`, ['default']), await ask(`/segments/${randomUUID()}/members`, ['*'])];
      expect([foreign.status, await foreign.json()]).toEqual([404, await mistaken.json()]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('rebuilds features and memberships to what they were', async () => {
    await threeGroups();
    await start();
    await eventually(async () => expect((await train({ k: 3, seed: 7 })).status).toBe(201));
    await eventually(async () => expect(await decisions()).toHaveLength(30));
    const models = async () => ((await (await fetch(`${running?.url}/read-models`)).json()) as { items: { name: string; generation: string; lag: number }[] }).items;
    await eventually(async () => expect((await models()).every(({ lag }) => lag === 0)).toBe(true));
    const digest = async (name: string) => (await (await fetch(`${running?.url}/read-models/${name}/digest`)).json()) as object;
    for (const { name, generation } of await models()) {
      const before = await digest(name);
      expect((await fetch(`${running?.url}/read-models/${name}/rebuild`, { method: 'POST' })).status).toBe(202);
      await eventually(async () => expect((await models()).filter((each) => each.name === name)).toEqual([expect.objectContaining({ lag: 0, generation: expect.not.stringMatching(`^${generation}$`) })]));
      expect(await digest(name)).toEqual(before);
    }
  });

  it('answers a repeated training with the first result and trains nothing', async () => {
    await threeGroups();
    await start();
    const key = randomUUID();
    const first = await eventually(async () => {
      const response = await train({ k: 2 }, key);
      expect(response.status).toBe(201);
      return response;
    });
    const again = await train({ k: 2 }, key);
    expect(await again.json()).toEqual(await first.json());
    expect((await train({ k: 3 }, key)).status).toBe(422);
  });

  it('refuses more segments than there are different customers', async () => {
    await log.append(`transaction-${randomUUID()}`, 'NoStream', [invoice(customerNumber(1), 5)], metadata(day(1)));
    await start();
    await eventually(async () => {
      const response = await train({ k: 3 });
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({ code: 'rows-too-few' });
    });
  });

  it('moves a customer when what is known of the customer changes, once', async () => {
    await threeGroups();
    await start();
    await eventually(async () => expect((await train({ k: 3 })).status).toBeLessThan(300));
    const moved = customerNumber(25);
    for (let i = 0; i < 12; i++) await log.append(`transaction-${randomUUID()}`, 'NoStream', [invoice(moved, 90_000)], metadata(day(311)));
    await eventually(async () => {
      const events = await log.read(`membership-${moved}`);
      const [, last] = [events[0], events.at(-1)];
      expect(last?.data).toMatchObject({ reason: { code: 'features-changed' } });
      const view = await segments();
      expect(view.segments.map(({ members }) => members).sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual([9, 10, 11]);
    });
  });

  it('decides after a crash what was not decided before it', async () => {
    await threeGroups();
    await start();
    await eventually(async () => expect((await train({ k: 3 })).status).toBe(201));
    await running?.close();
    // The log as it would be had the service died when the model was recorded and few memberships were.
    const before = new Log(openMemoryStore(), codec, identities);
    let kept = 0;
    for (const event of (await log.store.readAll({ after: 0, limit: 10_000 })).events) {
      if (categoryOf(event.stream) === 'membership' && ++kept > 4) continue;
      await before.store.append(event.stream, 'Any', [event]);
    }
    databaseUrl = (await postgres.freshDatabase()).ownerUrl;
    await start(before);
    await eventually(async () => {
      const decided = await decisions(before.store);
      expect(decided).toHaveLength(30);
      expect(new Set(decided).size).toBe(30);
    });
  });

  it('records nothing that follows from events which a restored log no longer holds', async () => {
    await threeGroups();
    await start();
    await eventually(async () => expect((await train({ k: 3 })).status).toBe(201));
    await eventually(async () => expect(await decisions()).toHaveLength(30));
    await running?.close();
    const older = new Log(openMemoryStore({ logId: log.store.logId }), codec, identities);
    for (const event of (await log.store.readAll({ after: 0, limit: 50 })).events) await older.store.append(event.stream, 'Any', [event]);
    await start(older);
    await eventually(async () => expect((await fetch(`${running?.url}/health/ready`)).status).toBe(503));
    expect(await (await train({ k: 3 })).json()).toMatchObject({ status: 503, code: 'features-behind' });
    expect((await older.store.head()).position).toBe(50);
  }, 60_000);

  it('comes to the same features whatever the order between streams', async () => {
    const streams = fc.array(
      fc.record({ customer: fc.integer({ min: 1, max: 3 }), minor: fc.integer({ min: -500, max: 500 }), on: fc.integer({ min: 0, max: 20 }), cancel: fc.boolean() }),
      { minLength: 1, maxLength: 12 },
    );
    const digestOf = async (events: readonly { stream: string; event: AnnalsEvent; at: string }[], pageEvents: number): Promise<string> => {
      const each = new Log(openMemoryStore(), codec, identities);
      for (const { stream, event, at } of events) await each.append(stream, 'Any', [event], metadata(at));
      const { ownerUrl: connectionString } = await postgres.freshDatabase();
      const readModels = new ReadModels({ connectionString, store: each.store, codec, models: [featuresReadModel(() => undefined)], pageEvents });
      readModels.start();
      try {
        await eventually(async () => {
          const [live] = await readModels.status();
          expect([live?.state, live?.lag]).toEqual(['live', 0]);
        });
        return await readModels.digest('features');
      } finally {
        await readModels.close();
      }
    };
    await fc.assert(
      fc.asyncProperty(streams, fc.infiniteStream(fc.nat()), async (drawn, random) => {
        const made = drawn.map(({ customer, minor, on, cancel }, index) => {
          const stream = `transaction-${customerNumber(100 + index)}`;
          const first = { stream, event: invoice(customerNumber(customer), minor), at: day(on) };
          const second = { stream, event: { type: 'TransactionCancelled', data: { reason: { code: 'mistake' } } } as const, at: day(on) };
          return cancel ? [first, second] : [first];
        });
        const shuffled = made.map((events) => ({ events, keys: events.map(() => Number(random.next().value)).sort((a, b) => a - b) }));
        const interleaved = shuffled
          .flatMap(({ events, keys }) => events.map((event, index) => ({ event, key: keys[index] ?? 0 })))
          .sort((a, b) => a.key - b.key)
          .map(({ event }) => event);
        expect(await digestOf(interleaved, 1)).toBe(await digestOf(made.flat(), 1_000));
      }),
      { numRuns: 5 },
    );
  });
});
