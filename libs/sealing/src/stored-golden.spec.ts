import { readFileSync } from 'node:fs';
import { canonicalJson, categoryOf } from '@annals/contracts';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

import { createEventCodec } from './event-codec.js';
import { createIdentities } from './identities.js';
import { memoryKeyStore } from './memory-key-store.js';

/**
 * Bytes of events as a log of format 1 holds them, written by another implementation from
 * docs/adr/0005-sealed-fields.md, with the keys to open them. Logs with such bytes exist: neither the file nor
 * what is read of it may ever change.
 */
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const hex = z.string().transform((text) => Buffer.from(text, 'hex'));
const golden = z
  .object({
    deploymentKey: hex,
    masterKey: hex,
    keys: z.array(z.object({ id: z.string(), holder: z.string(), wrapped: hex.nullable() })),
    events: z.array(z.object({ type: z.string(), version: z.int(), stream: z.string(), id: z.string(), data: z.string(), metadata: z.string() })),
  })
  .parse(read('../golden/stored.format1.json'));

const keys = memoryKeyStore(golden.masterKey);
for (const key of golden.keys) keys.restore(key);
const codec = createEventCodec({ keys, identities: createIdentities(golden.deploymentKey) });
const log = golden.events.map((event, index) => ({
  ...event,
  data: Buffer.from(event.data),
  metadata: Buffer.from(event.metadata),
  revision: 0,
  position: index + 1,
  recordedAt: 1_700_000_000_000,
}));

const contractsGolden = (type: string): unknown => z.object({ data: z.unknown() }).parse(read(`../../contracts/golden/${type}.v1.json`)).data;
/** Nonces make two seals of one text differ. */
const withoutSeals = (bytes: Uint8Array): string => Buffer.from(bytes).toString().replaceAll(/"sealed":"[\w-]+"/g, '"sealed":"…"');

describe('a log of format 1', () => {
  it.each(log)('opens: $type on $stream', async (event) => {
    const [decoded] = await codec.decode([event]);
    const erased = golden.keys.find(({ holder, wrapped }) => wrapped === null && holder === `stream:${event.stream}`);
    const expected = erased ? { reason: { code: 'entered-twice', note: { erased: true } } } : contractsGolden(event.type);
    expect(canonicalJson(decoded?.data)).toBe(canonicalJson(expected));
    expect(decoded?.metadata).toEqual(read('../../contracts/golden/metadata.format1.json'));
  });

  it.each(log)('is what is written today, apart from the nonces: $type on $stream', async (event) => {
    const [decoded] = await codec.decode([event]);
    if (decoded === undefined) throw new Error('one event in, one event out');
    const { metadata, type } = decoded;
    // What was erased before is written again from the words that were erased.
    const data = canonicalJson(decoded.data).includes('"erased"') ? { reason: { code: 'entered-twice', note: 'words' } } : decoded.data;
    const { events } = await codec.encode(event.stream, [{ type, data }], metadata);
    expect(events.map(({ id }) => id)).toEqual([event.id]);
    expect(events.map((written) => withoutSeals(written.data))).toEqual([withoutSeals(event.data)]);
    expect(events.map((written) => Buffer.from(written.metadata))).toEqual([event.metadata]);
  });

  it('has one of every category that has events', () => {
    const categories = log.map(({ stream }) => categoryOf(stream));
    expect([...new Set(categories)].sort()).toEqual(['communication', 'customer', 'membership', 'reference', 'segmentation', 'transaction']);
  });
});
