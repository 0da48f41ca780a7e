import { readFileSync } from 'node:fs';
import { ERASED, Erased, canonicalJson, catalogue, personalPlan, type EventType } from '@annals/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';

import { dataOf } from './fixtures/arbitrary-data.js';
import { deployment, metadata, stored, streamOf } from './fixtures/deployment.js';
import { personalSites, type Container, type PersonalSite } from './personal-sites.js';

const types: [string, EventType][] = Object.entries(catalogue);

describe.each(types)('%s', (type, { category, versions }) => {
  const { schema } = versions.at(-1) ?? { schema: z.never() };
  const stream = streamOf(category);

  it('comes back as it was encoded, whatever it holds', async () => {
    const { codec } = deployment();
    await fc.assert(
      fc.asyncProperty(fc.array(dataOf(schema), { minLength: 1, maxLength: 3 }), async (all) => {
        const { events, erased } = await codec.encode(stream, all.map((data) => ({ type, data })), metadata);
        const decoded = await codec.decode(stored(stream, events));
        // By canonical JSON, in which -0 is 0; ERASED is told from a text by its class.
        expect(decoded.map(({ data }) => canonicalJson(data))).toEqual(all.map(canonicalJson));
        expect(decoded.map(({ data }) => countErased(data))).toEqual(all.map(countErased));
        expect(decoded[0]).toMatchObject({ type, stream, revision: 0, position: 1, id: events[0]?.id, recordedAt: 1_700_000_000_000, metadata });
        expect(erased).toEqual([]);
        for (const { data } of events) expect(canonicalJson(JSON.parse(Buffer.from(data).toString()))).toBe(Buffer.from(data).toString());
      }),
      { numRuns: 40 },
    );
  });

  it('shows nothing that is personal in the bytes of its golden event', async () => {
    const file = new URL(`../../contracts/golden/${type}.v${versions.length}.json`, import.meta.url);
    const { data } = z.object({ data: z.record(z.string(), z.unknown()) }).parse(JSON.parse(readFileSync(file, 'utf8')));
    const { codec } = deployment();
    const { events } = await codec.encode(stream, [{ type, data }], metadata);
    const bytes = Buffer.from(events[0]?.data ?? '').toString();
    const plan = personalPlan(schema);
    const words = (plan ? personalSites(plan, data) : []).flatMap(({ container, step }) => textsIn(container[step]));
    for (const word of words) expect(bytes).not.toContain(canonicalJson(word).slice(1, -1));
    expect(words.length > 0).toBe(plan !== undefined);
  });

  it('does not change what it was given', async () => {
    const { codec } = deployment();
    await fc.assert(
      fc.asyncProperty(dataOf(schema), async (data) => {
        const before = canonicalJson(data);
        await codec.encode(stream, [{ type, data }], metadata);
        expect(canonicalJson(data)).toBe(before);
      }),
      { numRuns: 20 },
    );
  });

  it('has ERASED in the place of every personal field whose key is gone', async () => {
    const plan = personalPlan(schema);
    if (plan === undefined) return;
    await fc.assert(
      fc.asyncProperty(dataOf(schema), async (data) => {
        const { codec, keys } = deployment();
        const { events } = await codec.encode(stream, [{ type, data }], metadata);
        for (const holder of keys.holders()) keys.destroy(holder);
        const [decoded] = await codec.decode(stored(stream, events));
        const sites = personalSites(plan, decoded?.data as Container);
        expect(pointersOf(sites)).toEqual(pointersOf(personalSites(plan, data as Container)));
        expect(sites.every(({ container, step }) => container[step] === ERASED)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

/** In order: stored objects have theirs sorted. */
const pointersOf = (sites: readonly PersonalSite[]): string[] => sites.map(({ pointer }) => pointer).sort();

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function countErased(value: unknown): number {
  if (value instanceof Erased) return 1;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, member) => sum + countErased(member), 0);
}
