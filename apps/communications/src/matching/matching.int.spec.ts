import { randomUUID } from 'node:crypto';
import { FORMAT, type AnnalsEvent } from '@annals/contracts';
import { ReadModels } from '@annals/read-models';
import { listen, openLog, parseConfig, type Log, type OpenedLog, type Running } from '@annals/service';
import { eventually, httpClient, postgresForTests, settingsForTests } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { communicationsOn } from '../communications.js';
import { settings as contract } from '../config.js';
import { Linker } from './linker.js';
import { matchingReadModel } from './matching.read-model.js';

const postgres = postgresForTests();
const settings = settingsForTests(postgres);
const http = httpClient(() => running.url);
let running: Running;
let opened: OpenedLog;

const start = async (): Promise<void> => {
  const config = parseConfig(contract, { ...settings(), LOG_LEVEL: 'silent' });
  opened = await openLog(config);
  running = await listen(communicationsOn(opened, config));
};
beforeAll(start, 60_000);
afterAll(async () => await running.close());

/** Appends as the customers' service would. */
async function customerEvent(log: Log, id: string, expected: 'NoStream' | 'Exists', event: AnnalsEvent): Promise<void> {
  await append(log, `customer-${id}`, expected, event);
}

async function append(log: Log, stream: string, expected: 'NoStream' | 'Exists', event: AnnalsEvent): Promise<void> {
  const commandId = randomUUID();
  const at = new Date().toISOString();
  await log.append(stream, expected, [event], {
    format: FORMAT,
    actor: { id: 'tests', kind: 'service', assurance: 'none' },
    department: 'default',
    occurredAt: at,
    precision: 'instant',
    effectiveAt: at,
    commandId,
    fingerprint: '0'.repeat(64),
    correlationId: commandId,
  });
}

async function registered(phone?: string): Promise<string> {
  const id = randomUUID();
  const contactPoints = phone === undefined ? [] : [{ id: randomUUID(), kind: 'phone', raw: phone, normalised: phone }];
  await customerEvent(opened.log, id, 'NoStream', { type: 'CustomerRegistered', data: { kind: 'person', contactPoints } });
  return id;
}

async function called(phone: string, more: object = {}): Promise<string> {
  const { status, body } = await http.post('/communications', {
    medium: 'voice',
    direction: 'inbound',
    purpose: 'support',
    startedAt: '2024-05-01T10:00:00Z',
    participants: [{ role: 'caller', address: { kind: 'phone', raw: phone } }],
    ...more,
  });
  expect(status).toBe(201);
  return String(body['id']);
}

type Item = Record<string, unknown>;
const history = async (id: string): Promise<Item[]> => (await http.get(`/communications/${id}/history`)).body['items'] as Item[];
const types = async (id: string): Promise<unknown[]> => (await history(id)).map(({ type }) => type);
const queue = async (): Promise<Item[]> => (await http.get('/communications/unlinked?limit=500')).body['items'] as Item[];
const queued = async (id: string): Promise<Item[]> => (await queue()).filter(({ communication }) => communication === id);

/** Whatever the service was going to do about what is in the log, it has done. */
async function settled(): Promise<void> {
  const sentinel = `+442079460${100 + (sentinels += 1)}`;
  await registered(sentinel);
  const call = await called(sentinel);
  await eventually(async () => expect(await types(call)).toContain('CommunicationLinked'));
  // The link is in the log; that the view has it too is what a digest of the view needs.
  await eventually(async () => expect((await http.get('/read-models')).body['items']).toEqual([expect.objectContaining({ lag: 0 })]));
}
let sentinels = 0;

describe('subjects found by address', () => {
  it('links the one customer to whom the address belonged, by what it is known', async () => {
    const ann = await registered('+442079460018');
    const call = await called('+44 20 7946 0018');
    await eventually(async () => expect(await types(call)).toEqual(['CommunicationLogged', 'CommunicationLinked']));
    const [, link] = await history(call);
    expect(link).toMatchObject({
      actor: { id: 'communications', kind: 'system' },
      data: { subject: { ref: { customer: ann }, as: 'party', basis: 'address', linkedBy: 'communications' } },
    });
    expect(await queued(call)).toEqual([]);
  });

  it('leaves several owners to a person, who links one or dismisses all', async () => {
    const owners = [await registered('+442079460020'), await registered('+442079460020')].sort();
    const [one, other] = [await called('+442079460020'), await called('+442079460020')];
    for (const call of [one, other]) {
      await eventually(async () => expect(await queued(call)).toMatchObject([{ reason: 'several-owners', addressKind: 'phone', customers: owners, department: 'default' }]));
    }
    await http.post(`/communications/${one}/subjects`, { ref: { customer: owners[0] }, as: 'party' });
    await http.post(`/communications/unlinked/${other}/dismissal`, { customers: owners, reason: { code: 'reception-desk' } });
    await eventually(async () => expect([...(await queued(one)), ...(await queued(other))]).toEqual([]));
    expect(await types(other)).toEqual(['CommunicationLogged', 'CommunicationMatchDismissed']);
  });

  it('leaves a match that came later to a person, and takes it off the list when it goes', async () => {
    const call = await called('+442079460030');
    const late = await registered();
    const id = randomUUID();
    await customerEvent(opened.log, late, 'Exists', { type: 'ContactPointAdded', data: { id, kind: 'phone', raw: '+442079460030', normalised: '+442079460030' } });
    await eventually(async () => expect(await queued(call)).toMatchObject([{ reason: 'later-match', customers: [late] }]));
    await settled();
    expect(await types(call)).toEqual(['CommunicationLogged']);
    await customerEvent(opened.log, late, 'Exists', { type: 'ContactPointRemoved', data: { id } });
    await eventually(async () => expect(await queued(call)).toEqual([]));
  });

  it('undoes nothing, links nobody whom a person took off, and leaves retracted ones and staff alone', async () => {
    const ann = await registered('+442079460040');
    const unlinked = await called('+442079460040');
    await eventually(async () => expect(await types(unlinked)).toHaveLength(2));
    await http.post(`/communications/${unlinked}/subjects/removals`, { subject: { ref: { customer: ann }, as: 'party' } });
    const said = await called('+442079460040', { subjects: [{ ref: { customer: ann }, as: 'about' }] });
    const staff = await called('+442079460040', { participants: [{ role: 'callee', staffId: 's-1', address: { kind: 'phone', raw: '+442079460040' } }] });
    const retracted = await called('+442079460041');
    await http.post(`/communications/${retracted}/retraction`, { reason: { code: 'recalled' }, by: 'sender' });
    const late = await registered('+442079460041');
    await settled();
    expect(await types(unlinked)).toEqual(['CommunicationLogged', 'CommunicationLinked', 'CommunicationUnlinked']);
    expect(await types(said)).toEqual(['CommunicationLogged']);
    expect(await types(staff)).toEqual(['CommunicationLogged']);
    expect(await types(retracted)).toEqual(['CommunicationLogged', 'CommunicationRetracted']);
    expect((await queue()).flatMap(({ customers }) => customers)).not.toContain(late);
  });

  it('pages through the queue without losing or repeating a row', async () => {
    await Promise.all([registered('+442079460050'), registered('+442079460050')]);
    const calls = await Promise.all(Array.from({ length: 7 }, () => called('+442079460050')));
    await eventually(async () => expect((await Promise.all(calls.map(queued))).flat()).toHaveLength(7));
    const found: unknown[] = [];
    let cursor: unknown = null;
    do {
      const { body } = await http.get(`/communications/unlinked?limit=2${cursor === null ? '' : `&cursor=${String(cursor)}`}`);
      found.push(...(body['items'] as Item[]).map(({ communication }) => communication));
      cursor = body['next'];
    } while (cursor !== null);
    expect(found).toEqual((await queue()).map(({ communication }) => communication));
    expect(new Set(found).size).toBe(found.length);
  });

  it('appends nothing when the whole log is read again, though owners have come and gone since', async () => {
    const [ann, bob] = [await registered('+442079460060'), randomUUID()];
    const id = randomUUID();
    const point = { id, kind: 'phone', raw: '+442079460060', normalised: '+442079460060' };
    await customerEvent(opened.log, bob, 'NoStream', { type: 'CustomerRegistered', data: { kind: 'person', contactPoints: [point] } });
    const shared = await called('+442079460060');
    await eventually(async () => expect(await queued(shared)).toHaveLength(1));
    await customerEvent(opened.log, bob, 'Exists', { type: 'ContactPointRemoved', data: { id } });
    await eventually(async () => expect(await queued(shared)).toMatchObject([{ customers: [ann], reason: 'several-owners' }]));
    await settled();
    const before = (await opened.log.store.head()).position;
    const generation = async (): Promise<unknown[]> => ((await http.get('/read-models')).body['items'] as Item[]).map((row) => row['generation']);
    const old = await generation();
    const digest = async (): Promise<unknown> => (await http.get('/read-models/matching/digest')).body['digest'];
    const asFollowed = await digest();
    await http.post('/read-models/matching/rebuild', {});
    await eventually(async () => {
      const now = await generation();
      expect(now).toHaveLength(1);
      expect(now).not.toEqual(old);
    });
    expect(await digest()).toBe(asFollowed);
    await settled();
    // The sentinel is a registration, a call and its link.
    expect((await opened.log.store.head()).position).toBe(before + 3);
    expect(await types(shared)).toEqual(['CommunicationLogged']);
  });

  it('links once although the service stopped between a link and its place', async () => {
    await registered('+442079460070');
    await settled();
    await running.close();
    const { log, dependencies } = await openLog(parseConfig(contract, { ...settings() }));
    const options = { connectionString: settings().DATABASE_URL, store: log.store, codec: log.codec, models: [matchingReadModel(log.identities)] };
    const fed = new ReadModels(options);
    fed.start();
    const call = randomUUID();
    await append(log, `communication-${call}`, 'NoStream', {
      type: 'CommunicationLogged',
      data: {
        medium: 'voice',
        direction: 'inbound',
        purpose: 'support',
        startedAt: '2024-05-01T10:00:00.000Z',
        participants: [{ role: 'caller', address: { kind: 'phone', raw: '+442079460070', normalised: '+442079460070' } }],
        subjects: [],
        parts: [],
      },
    });
    await eventually(async () => await fed.waitFor('matching', `communication-${call}`, 0));
    await fed.close();
    // From here on the tables stand still, so that each linker meets what the one before it has linked.
    const stale = new ReadModels(options);
    for (const _ of [1, 2]) {
      const linker = new Linker(log, stale, () => undefined);
      linker.start();
      await eventually(async () => expect(await log.read(`communication-${call}`)).toHaveLength(2));
      await linker.stop();
    }
    await stale.close();
    for (const { close } of dependencies) await close();
    await start();
    await settled();
    expect(await types(call)).toEqual(['CommunicationLogged', 'CommunicationLinked']);
    expect(await queued(call)).toEqual([]);
  }, 60_000);
});
