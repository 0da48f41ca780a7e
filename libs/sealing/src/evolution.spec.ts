import { ERASED, eventType, nextVersion, personal, personalText, publicText, textWithin, uuid, type Catalogue, type RecordedEvent } from '@annals/contracts';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

import { UnreadableEvent } from './codec.js';
import { createEventCodec } from './event-codec.js';
import { deployment, metadata, stored, streamOf } from './fixtures/deployment.js';

/** Three versions of one event: the personal field moves, and becomes an object. */
const first = eventType('customer', z.object({ who: personalText(50), staff: publicText(50) }));
const second = nextVersion(first, z.object({ person: personalText(50), staff: publicText(50) }), ({ who, staff }) => ({ person: who, staff }));
const third = nextVersion(
  second,
  z.object({ person: personal(z.object({ full: textWithin(50) })), staff: publicText(50), case: uuid().nullable() }),
  ({ person, staff }) => ({ person: typeof person === 'string' ? { full: person } : person, staff, case: null }),
);
const stream = streamOf('customer');
const greeted = { type: 'Greeted', data: { who: 'Zoë', staff: 'staff-7' } };

/** Writes by the first version's code, reads by another's. */
async function readBy(catalogue: Catalogue, erase = false): Promise<RecordedEvent | UnreadableEvent | undefined> {
  const { keys, identities, codec } = deployment({ Greeted: first });
  const { events } = await codec.encode(stream, [greeted], metadata);
  if (erase) for (const holder of keys.holders()) keys.destroy(holder);
  const [read] = await createEventCodec({ keys, identities, catalogue }).decodeEach(stored(stream, events));
  return read;
}

describe('an event of an older version', () => {
  it('is opened by its own fields and brought to the newest', async () => {
    expect(await readBy({ Greeted: first })).toMatchObject({ data: greeted.data });
    expect(await readBy({ Greeted: second })).toMatchObject({ data: { person: 'Zoë', staff: 'staff-7' } });
    expect(await readBy({ Greeted: third })).toMatchObject({ data: { person: { full: 'Zoë' }, staff: 'staff-7', case: null } });
  });

  it('stays erased on its way', async () => {
    expect(await readBy({ Greeted: third }, true)).toMatchObject({ data: { person: ERASED, staff: 'staff-7', case: null } });
  });

  it('is written by nobody: the newest version is, which older code calls newer', async () => {
    const { keys, identities, codec } = deployment({ Greeted: third });
    const { events } = await codec.encode(stream, [{ type: 'Greeted', data: { person: { full: 'Zoë' }, staff: 's', case: null } }], metadata);
    expect(events.map(({ version }) => version)).toEqual([3]);
    const [read] = await createEventCodec({ keys, identities, catalogue: { Greeted: second } }).decodeEach(stored(stream, events));
    expect(read).toMatchObject({ reason: 'its version is newer than this code' });
    await expect(codec.encode(stream, [greeted], metadata)).rejects.toThrow('a Greeted is not valid');
  });

  it.each([
    ['fails', () => { throw new Error('canary'); }, 'bringing it to version 2 failed'],
    ['makes something else', () => ({ person: 'Zoë' }), 'brought to version 2 it is not valid: /staff: '],
  ])('is unreadable where its upcaster %s', async (_what, upcast, reason) => {
    const [{ schema } = { schema: z.never() }] = second.versions.slice(-1);
    const read = await readBy({ Greeted: { ...first, versions: [...first.versions, { schema, upcast }] } });
    expect(read).toBeInstanceOf(UnreadableEvent);
    expect(String(read)).toContain(reason);
    expect(String(read)).not.toContain('canary');
  });
});
