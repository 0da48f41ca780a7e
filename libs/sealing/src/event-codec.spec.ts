import { ERASED, catalogue, type AnnalsEvent } from '@annals/contracts';
import type { StoredEvent } from '@annals/event-store';
import { beforeEach, describe, expect, it } from '@jest/globals';

import { UnreadableEvent } from './codec.js';
import { InvalidEvent } from './encode.js';
import { deployment, metadata, stored, streamOf, withData } from './fixtures/deployment.js';
import { createEventCodec } from './event-codec.js';
import { addressHolder, streamHolder, type KeyStore } from './key-store.js';
import { noKeys } from './no-keys.js';

const call: AnnalsEvent<'CommunicationLogged'> = {
  type: 'CommunicationLogged',
  data: {
    medium: 'voice',
    direction: 'inbound',
    purpose: 'support',
    participants: [
      { role: 'caller', address: { kind: 'phone', raw: '020 7946 0018', normalised: '+442079460018' }, name: 'Zoë' },
      { role: 'attendee', address: { kind: 'phone', raw: '+44 20 7946 0018', normalised: '+442079460018' } },
      { role: 'attendee', address: { kind: 'wechat', raw: 'wxid_8f3k' } },
      { role: 'attendee', name: 'somebody' },
    ],
    subjects: [],
    startedAt: '2024-02-29T12:00:00.000Z',
    title: 'The same words',
    outcome: 'The same words',
    parts: [],
  },
};
const changed: AnnalsEvent<'CustomerProfileChanged'> = {
  type: 'CustomerProfileChanged',
  data: { name: { full: 'Zoë' }, birthday: null, attributes: { a: { type: 'text', value: 'secret' }, b: { type: 'number', value: 7 }, c: null } },
};
const stream = streamOf('communication');
let { codec, keys, identities } = deployment();
let event: StoredEvent;

const holderOf = (kind: string, form: string): string => addressHolder(identities.addressDigest(kind, form));
const json = (stored: StoredEvent): string => Buffer.from(stored.data).toString();

async function encoded(to: string, what: AnnalsEvent): Promise<StoredEvent> {
  const [first] = stored(to, (await codec.encode(to, [what], metadata)).events);
  if (first === undefined) throw new Error('one event in, one event out');
  return first;
}

beforeEach(async () => {
  ({ codec, keys, identities } = deployment());
  event = await encoded(stream, call);
});

describe('holders of keys', () => {
  it('are the contact point for its address and the name beside it, and the stream for the rest', () => {
    expect(keys.holders().sort()).toEqual([holderOf('phone', '+442079460018'), holderOf('wechat', 'wxid_8f3k'), streamHolder(stream)].sort());
  });

  it('are the same contact point on another stream', async () => {
    await encoded(streamOf('communication', 2), call);
    expect(keys.holders()).toHaveLength(4);
  });

  it('are the customer alone on a customer\'s stream, and nobody where nothing is personal', async () => {
    const before = keys.holders();
    const customer = streamOf('customer');
    await encoded(customer, { type: 'ContactPointAdded', data: { id: '01890000-0000-7000-8000-000000000001', kind: 'phone', raw: '1' } });
    await encoded(streamOf('customer', 2), { type: 'CustomerProfileChanged', data: { language: 'en', attributes: { n: { type: 'number', value: 1 } } } });
    expect(keys.holders()).toEqual([...before, streamHolder(customer)]);
  });
});

describe('stored bytes', () => {
  it('show what is public and nothing that is personal', async () => {
    for (const text of ['Zoë', '7946', 'wxid', 'somebody', 'same words']) expect(json(event)).not.toContain(text);
    expect(json(event)).toContain('"purpose":"support"');
    const profile = await encoded(streamOf('customer'), changed);
    expect(JSON.parse(json(profile))).toEqual({
      name: { key: expect.any(String), sealed: expect.any(String) },
      birthday: null,
      attributes: { a: { type: 'text', value: { key: expect.any(String), sealed: expect.any(String) } }, b: { type: 'number', value: 7 }, c: null },
    });
  });
});

describe('an event whose reader needs no addresses', () => {
  it('keeps them, and the names of those who took part, closed, and opens the rest', async () => {
    const asked: string[] = [];
    const counted: KeyStore = { ...keys, byIds: (ids) => (asked.push(...ids), keys.byIds(ids)) };
    const [read] = await createEventCodec({ identities, keys: counted }).decodeEach([event], { addresses: false });
    const closed = call.data.participants.map(({ address, name, ...open }) => ({
      ...open,
      ...(address && { address: { kind: address.kind, raw: ERASED, ...(address.normalised !== undefined && { normalised: ERASED }) } }),
      ...(name !== undefined && { name: ERASED }),
    }));
    expect(read).toMatchObject({ data: { ...call.data, participants: closed } });
    // That of the stream: for what is not opened no key is asked for.
    expect(new Set(asked).size).toBe(1);
  });
});

describe('a destroyed key', () => {
  it('leaves ERASED where its fields were, and nowhere else', async () => {
    keys.destroy(holderOf('phone', '+442079460018'));
    const [decoded] = await codec.decode([event]);
    const gone = { kind: 'phone', raw: ERASED, normalised: ERASED };
    const [, , ...others] = call.data.participants;
    expect(decoded?.data).toEqual({
      ...call.data,
      participants: [{ role: 'caller', address: gone, name: ERASED }, { role: 'attendee', address: gone }, ...others],
    });
  });

  it('is not made again: later fields are stored as erased, and the caller is told which', async () => {
    keys.destroy(holderOf('phone', '+442079460018'));
    keys.destroy(holderOf('wechat', 'wxid_8f3k'));
    const { events, erased } = await codec.encode(stream, [{ type: 'CommunicationLogged', data: { ...call.data, participants: [] } }, call], metadata);
    expect(erased).toEqual([
      '/1/participants/0/address/raw',
      '/1/participants/0/address/normalised',
      '/1/participants/0/name',
      '/1/participants/1/address/raw',
      '/1/participants/1/address/normalised',
      '/1/participants/2/address/raw',
    ]);
    expect(Buffer.from(events[1]?.data ?? '').toString()).toMatch(/"raw":\{"erased":true,"key":"[0-9a-f-]{36}"\}/);
    const [, decoded] = await codec.decode(stored(stream, events));
    expect(decoded?.data).toMatchObject({ title: 'The same words', participants: [{ name: ERASED }, {}, { address: { raw: ERASED } }, { name: 'somebody' }] });
  });

  it('is not needed to say again what was read as erased', async () => {
    const { events, erased } = await codec.encode(streamOf('customer'), [{ type: 'CustomerProfileChanged', data: { name: ERASED } }], metadata);
    expect(Buffer.from(events[0]?.data ?? '').toString()).toBe('{"name":{"erased":true}}');
    expect(erased).toEqual([]);
    expect(keys.holders()).not.toContain(streamHolder(streamOf('customer')));
    const [decoded] = await codec.decode(stored(streamOf('customer'), events));
    expect(decoded?.data).toEqual({ name: ERASED });
  });

  it('is, to who is given no keys, every key: the rest is read, and nothing personal is written', async () => {
    const keyless = createEventCodec({ identities, keys: noKeys });
    const [decoded] = await keyless.decode([event]);
    expect(decoded?.data).toMatchObject({ title: ERASED, purpose: 'support' });
    await expect(keyless.encode(stream, [call], metadata)).rejects.toThrow('without keys');
  });

  it('that nobody knows of reads as erased', async () => {
    const other = deployment();
    const [decoded] = await other.codec.decode([event]);
    expect(decoded?.data).toMatchObject({ title: ERASED, purpose: 'support' });
  });
});

describe('a seal', () => {
  const title = /"title":(\{[^}]*\})/;
  const outcome = /"outcome":(\{[^}]*\})/;
  const reasonFor = async (broken: StoredEvent): Promise<string> => {
    const [read] = await codec.decodeEach([broken]);
    return read instanceof UnreadableEvent ? read.reason : 'it was read';
  };

  it('is broken on another field, event or stream', async () => {
    const swapped = withData(event, (text) => text.replace(title, `"title":${outcome.exec(text)?.[1]}`));
    expect(await reasonFor(swapped)).toBe('the seal of /title is broken: the tag does not match');
    expect(await reasonFor({ ...event, id: metadata.commandId })).toMatch(/^the seal of .* is broken/);
    expect(await reasonFor({ ...event, stream: streamOf('communication', 2) })).toMatch(/^the seal of .* is broken/);
  });

  it('is broken under the name of another key', async () => {
    const [, own, other] = /"name":\{"key":"([^"]*)".*"title":\{"key":"([^"]*)"/.exec(json(event)) ?? [];
    expect(own).not.toBe(other);
    expect(await reasonFor(withData(event, (text) => text.replaceAll(`${other}`, `${own}`)))).toMatch(/is broken/);
  });

  it.each([
    ['a changed byte', (text: string) => text.replace(/"sealed":"(.{20})(.)/, (_all, head: string, one: string) => `"sealed":"${head}${one === 'A' ? 'B' : 'A'}`), /is broken/],
    ['nothing in it', (text: string) => text.replace(/"sealed":"[^"]*"/, '"sealed":""'), /too few/],
    ['a text in its place', (text: string) => text.replace(title, '"title":"in clear"'), /^\/title is personal and not sealed$/],
    ['an object in its place', (text: string) => text.replace(title, '"title":{"erased":"yes"}'), /^\/title is personal and not sealed$/],
  ])('with %s is unreadable', async (_what, change, reason) => {
    expect(await reasonFor(withData(event, change))).toMatch(reason);
  });
});

describe('what cannot be read', () => {
  const bytes = (text: string): Buffer => Buffer.from(text);
  const withMetadata = (changes: object): Buffer => bytes(JSON.stringify({ ...metadata, ...changes }));

  it.each<[string, Partial<StoredEvent>, string]>([
    ['an unknown type', { type: 'constructor' }, 'its type is unknown'],
    ['a newer version', { version: 2 }, 'its version is newer than this code'],
    ['another format', { metadata: withMetadata({ format: 2 }) }, 'its format is 2, and this code reads 1'],
    ['no format', { metadata: bytes('{}') }, 'its format is undefined, and this code reads 1'],
    ['a bad envelope', { metadata: withMetadata({ occurredAt: 'canary' }) }, 'its metadata is not valid: /occurredAt: is not an ISO 8601 instant in UTC, to the millisecond at most'],
    ['data that is no JSON', { data: bytes('canary') }, 'its data is not JSON'],
    ['data that is no object', { data: bytes('["canary"]') }, 'its data is not an object'],
    ['data that is not UTF-8', { data: Buffer.from([0x22, 0xff, 0x22]) }, 'its data is not UTF-8'],
    ['metadata that is no JSON', { metadata: bytes('') }, 'its metadata is not JSON'],
    ['data of another schema', { data: bytes('{"medium":"canary"}') }, 'its data is not valid: /medium: '],
  ])('%s is reported in its place, without a word of its content', async (_what, change, reason) => {
    const [before, broken, after] = await codec.decodeEach([event, { ...event, ...change }, event]);
    expect(broken).toBeInstanceOf(UnreadableEvent);
    expect(String(broken)).toContain(reason);
    expect(String(broken)).not.toContain('canary');
    expect([before, after]).toEqual([expect.objectContaining({ data: call.data }), expect.objectContaining({ data: call.data })]);
    await expect(codec.decode([event, { ...event, ...change }])).rejects.toThrow(reason);
  });

  it('is not the data of a newer writer', async () => {
    const [decoded] = await codec.decode([withData(event, (text) => text.replace('{', '{"aNewField":{"x":1},'))]);
    expect(decoded?.data).toEqual(call.data);
  });
});

describe('what cannot be written', () => {
  it.each([
    ['an unknown type', { type: 'toString', data: {} }, 'a toString cannot be written'],
    ['a type of another category', changed, 'a CustomerProfileChanged cannot be written'],
    ['data of another schema', { type: 'CommunicationLogged', data: { ...call.data, medium: 'canary' } }, '/medium: '],
    ['a field that nobody knows', { type: 'CommunicationLogged', data: { ...call.data, meta: 'canary' } }, 'Unrecognized key: "meta"'],
  ])('%s is the fault of the code', async (_what, wrong, reason) => {
    const encoding = codec.encode(stream, [wrong], metadata);
    await expect(encoding).rejects.toThrow(InvalidEvent);
    await expect(encoding).rejects.toThrow(reason);
    await expect(encoding).rejects.not.toThrow('canary');
  });

  it('is an envelope that is not valid', async () => {
    await expect(codec.encode(stream, [call], { ...metadata, commandId: 'x' })).rejects.toThrow('the envelope is not valid: /commandId: ');
  });
});

describe('ids of events', () => {
  it('come from the command, the stream and the index, so that a repeat has the same', async () => {
    const ids = async (to: string): Promise<string[]> => (await codec.encode(to, [call, call], metadata)).events.map(({ id }) => id);
    expect(await ids(stream)).toEqual([0, 1].map((index) => identities.eventId(metadata.commandId, stream, index)));
    expect(await ids(stream)).toEqual(await ids(stream));
    expect(await ids(stream)).not.toEqual(await ids(streamOf('communication', 2)));
  });
});

it('every type of the catalogue can be prepared', () => {
  expect(() => deployment(catalogue)).not.toThrow();
});
