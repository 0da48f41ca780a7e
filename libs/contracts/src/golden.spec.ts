import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

import { canonicalJson } from './canonical-json.js';
import { catalogue } from './catalogue.js';
import { metadata } from './envelope.js';
import { eventType, nextVersion, type EventType } from './event-type.js';
import { jsonSchemaOf } from './json-schema.js';
import { children, personalPlan, type PersonalPlan } from './schema-walk.js';
import { code, personalFields, publicText, readableForm, reason, uuid } from './text.js';
import { transactionCancelled } from './transactions/events.js';

/**
 * One of every event version ever published. Stored events are never changed, so neither are these files: a
 * change of the contracts that fails here would make somebody's log unreadable. Give the event a next version.
 */
const folder = new URL('../golden/', import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const golden = z.object({ type: z.string(), version: z.int(), data: z.unknown() });

const types: [string, EventType][] = Object.entries(catalogue);
const versions = types.flatMap(([type, { versions: all }]) =>
  all.map(({ schema }, index) => ({ type, version: index + 1, schema, file: `${type}.v${index + 1}.json` })),
);

/** Data of a version as it is after all later upcasters. */
function newest({ versions: all }: EventType, version: number, data: unknown): unknown {
  return all.slice(version).reduce((before, { upcast }) => (upcast as (data: unknown) => unknown)(before), data);
}

/** Paths that values of a schema can have and this value has not, members of lists and maps as `*`. Of a choice without a discriminator one is enough. */
function missing(schema: z.core.$ZodType, present: ReadonlySet<string>, path = ''): string[] {
  const readable = readableForm(schema);
  const { def } = (readable as z.core.$ZodTypes)._zod;
  const below = children(readable).map(([step, child]) => missing(child, present, step === undefined ? path : `${path}/${step}`));
  const oneIsEnough = def.type === 'union' && !('discriminator' in def) && below.some((paths) => paths.length === 0);
  return [...(present.has(path) ? [] : [path]), ...(oneIsEnough ? [] : below.flat())];
}

function pathsIn(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  const members = Object.entries(value).flatMap(([step, member]) => [
    ...pathsIn(member, `${path}/${step}`),
    ...pathsIn(member, `${path}/*`),
  ]);
  return [path, ...members];
}

const shapeOf = (value: unknown): Set<string> => new Set(pathsIn(value));

/** Puts a member that nobody knows into every object that has named members. */
function planted(value: unknown, schema: z.core.$ZodType): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const steps = new Map(namedChildren(schema));
  const all = steps.get('*');
  if (Array.isArray(value)) return value.map((member) => planted(member, all ?? schema));
  const entries = Object.entries(value).map(([step, member]) => [step, planted(member, steps.get(step) ?? all ?? schema)]);
  return { ...Object.fromEntries(entries), ...(all ? {} : { 'from-the-future': { nested: [1] } }) };
}

function namedChildren(schema: z.core.$ZodType): [string, z.core.$ZodType][] {
  return children(schema).flatMap(([step, child]) => (step === undefined ? namedChildren(child) : [[step, child]]));
}

/** A plan as JSON. */
function described(plan: PersonalPlan | undefined): unknown {
  switch (plan?.kind) {
    case undefined:
      return null;
    case 'field':
      return plan.holder;
    case 'each':
      return { '*': described(plan.member) };
    case 'object':
      return Object.fromEntries([...plan.members].map(([step, member]) => [step, described(member)]));
    case 'choice':
      return Object.fromEntries([...plan.options].map(([value, option]) => [`${plan.by}=${String(value)}`, described(option)]));
  }
}

const digestOf = (schema: z.core.$ZodType): string =>
  createHash('sha256').update(canonicalJson({ schema: jsonSchemaOf(schema, 'output'), personal: described(personalPlan(schema)) })).digest('hex');

describe('golden events', () => {
  it('are there for every version of every event, and for no other', () => {
    const expected = [...versions.map(({ file }) => file), 'digests.json', 'metadata.format1.json'];
    expect(readdirSync(folder).sort()).toEqual(expected.sort());
  });

  it.each(versions)('$file is read to the last field', ({ type, version, schema, file }) => {
    const { data, ...named } = golden.parse(read(file));
    expect(named).toEqual({ type, version });
    expect(schema.parse(data)).toEqual(data);
    expect(canonicalJson(schema.parse(JSON.parse(canonicalJson(data))))).toBe(canonicalJson(data));
  });

  it.each(versions)('$file has every field', ({ schema, file }) => {
    expect(missing(schema, shapeOf(golden.parse(read(file)).data))).toEqual([]);
  });

  it.each(versions)('$file is read with fields of a newer writer in every object', ({ schema, file }) => {
    const { data } = golden.parse(read(file));
    const newer = planted(data, schema);
    expect(newer).not.toEqual(data);
    expect(schema.parse(newer)).toEqual(data);
  });

  it.each(versions)('$file becomes an event of the newest version', ({ type, version, schema, file }) => {
    const definition = new Map(types).get(type) ?? eventType('customer', schema);
    const data = newest(definition, version, schema.parse(golden.parse(read(file)).data));
    expect(definition.versions.at(-1)?.schema.parse(data)).toEqual(data);
  });

  it('metadata is read to the last field', () => {
    const envelope = read('metadata.format1.json');
    expect(metadata.parse(envelope)).toEqual(envelope);
    expect(metadata.parse(planted(envelope, metadata))).toEqual(envelope);
    expect(missing(metadata, shapeOf(envelope))).toEqual([]);
  });

  it('a published schema stays as it was, marks included', () => {
    // Differs after an upgrade of zod too, when it writes the same schema in other words: compare those, and pin anew.
    const digests = Object.fromEntries([...versions.map(({ file, schema }) => [file, digestOf(schema)]), ['metadata.format1.json', digestOf(metadata)]]);
    expect(digests).toEqual(read('digests.json'));
  });
});

describe('a digest', () => {
  const before = z.object({ note: publicText(10) });
  it('changes with a bound, an optional field, and a mark', () => {
    const changed = [
      z.object({ note: publicText(11) }),
      z.object({ note: publicText(10), more: code().optional() }),
      z.object({ note: publicText(10).register(personalFields, { holder: 'stream' }) }),
    ];
    expect(new Set([before, ...changed].map(digestOf)).size).toBe(4);
  });
});

describe('a next version', () => {
  const second = z.object({ reason: reason(), by: publicText(200), replaces: z.array(uuid()).max(10) });
  const cancelled = nextVersion(eventType('transaction', transactionCancelled), second, ({ reason: why }) => ({
    reason: why,
    by: 'unknown',
    replaces: [],
  }));

  it('reads what was stored before it', () => {
    const stored = golden.parse(read('TransactionCancelled.v1.json'));
    const data = newest(cancelled, stored.version, transactionCancelled.parse(stored.data));
    expect(second.parse(data)).toEqual({ ...z.looseObject({}).parse(stored.data), by: 'unknown', replaces: [] });
  });

  it('keeps the versions before it and the category', () => {
    expect(cancelled.category).toBe('transaction');
    expect(cancelled.versions.map(({ schema }) => schema)).toEqual([transactionCancelled, second]);
  });
});
