import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@annals/testing';
import { keyPairFiles, signingKey, signToken } from '@annals/tokens';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { guardedRoutes, reachOf } from './fixtures/authority.js';
import type { Body } from './fixtures/examples.js';
import { listsOf, readingsOf, type Reading } from './fixtures/readings.js';
import { systemForTests } from './fixtures/running-system.js';
import { plans, worldOf, type Made, type World } from './fixtures/world.js';

const system = systemForTests({ durable: false, tokens: true });
const MOST_PAGES = 100;

async function tokenOf(departments: readonly string[]): Promise<string> {
  const key = signingKey(readFileSync(join(system().dataDir, keyPairFiles.signing), 'utf8'));
  return await signToken({ subject: 'staff-1', roles: ['admin'], departments, kind: 'person', expiresIn: 3_600 }, key);
}

let everywhere: string;

async function ask(token: string, path: string, body?: Body): Promise<{ status: number; text: string }> {
  const headers = { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) };
  const response = await fetch(system().url + path, { headers, ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }) });
  return { status: response.status, text: await response.text() };
}

async function command(path: string, body: Body): Promise<void> {
  const { status, text } = await ask(everywhere, path, body);
  expect([path, body, status, text]).toEqual([path, body, expect.any(Number), expect.stringMatching(/"outcome":"(?:created|changed)"/)]);
}

async function make({ records, id, body, changes }: Made): Promise<void> {
  await command(`/${records}`, body);
  for (const [path, change] of changes) await command(`/${records}/${id}/${path}`, change);
}

interface Status {
  readonly log: { readonly position: number };
  readonly readModels: readonly { readonly state: string; readonly position: number }[];
}

/** Waits until every read model shows the log as it is. */
async function caughtUp(): Promise<void> {
  await eventually(async () => {
    const { log, readModels }: Status = JSON.parse((await ask(everywhere, '/status')).text);
    return readModels.length > 0 && readModels.every(({ state, position }) => state === 'live' && position >= log.position);
  }, { withinMs: 60_000 });
}

/** A page of an answer, and the cursor of the one after it. */
async function pageOf(token: string, { path, body }: Reading, cursor: string | undefined): Promise<{ page: string; next: string | undefined }> {
  const more = cursor === undefined ? '' : `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
  const { status, text } = body === undefined ? await ask(token, path + more) : await ask(token, path, { ...body, cursor });
  // How far the log goes is told to everybody.
  const page = `${status} ${text.replace(/"position":\d+,"(?=customers|communications|transactions)/, '"')}`;
  return { page, next: text.startsWith('{') ? ((JSON.parse(text) as { next?: string | null }).next ?? undefined) : undefined };
}

/** The answer with all pages that follow it. */
async function answerTo(token: string, reading: Reading): Promise<string> {
  const pages: string[] = [];
  let { page, next } = await pageOf(token, reading, undefined);
  for (pages.push(page); next !== undefined && pages.length < MOST_PAGES; pages.push(page)) ({ page, next } = await pageOf(token, reading, next));
  expect([reading, next]).toEqual([reading, undefined]);
  return pages.join('\n');
}

const nameOf = ({ path, body }: Reading): string => path + (body === undefined ? '' : ` ${JSON.stringify(body)}`);

/** All that somebody can be shown: of each record, also of those that are not made yet, and of lists, counts, sums, files and reports. */
async function shownTo(token: string, world: World): Promise<Map<string, string>> {
  const records = world.made.flatMap((each) => readingsOf(each.records, each.id));
  const answers = new Map<string, string>();
  for (const reading of [...listsOf(world), ...records]) answers.set(nameOf(reading), await answerTo(token, reading));
  return answers;
}

const differing = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): unknown[] =>
  [...before].filter(([reading, answer]) => after.get(reading) !== answer).map(([reading, answer]) => ({ reading, before: answer, after: after.get(reading) }));

let worlds = 0;

beforeAll(async () => {
  everywhere = await tokenOf(['*']);
});

describe('what a scope is shown', () => {
  it('is asked here of every route that shows records', async () => {
    const all = guardedRoutes(await (await fetch(`${system().url}/openapi.json`)).json());
    const reading = all.filter((route) => (route.method === 'GET' && ['rows', 'record'].includes(reachOf(route))) || route.path.endsWith('/search'));
    const world = worldOf(fc.sample(plans, 1)[0]!, 0);
    const asked = new Set([...listsOf(world), ...world.made.flatMap(({ records, id }) => readingsOf(records, id))].map(({ route }) => route));
    expect([...asked].sort()).toEqual(reading.map(({ path }) => path).sort());
  });

  // What a scope may see is recorded first, and then what it may not: were it a log of its own, it would end there.
  it('does not depend on what lies outside it: no row, count, sum, page, report, file or id', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const world = worldOf(plan, (worlds += 1));
        const tokens = await Promise.all(world.scopes.map(tokenOf));
        const before: Map<string, string>[] = [];
        for (const phase of [0, 1, 2]) {
          for (const each of world.made.filter((made) => made.phase === phase)) await make(each);
          await caughtUp();
          for (const [scope, answers] of before.entries()) expect(differing(answers, await shownTo(tokens[scope] ?? '', world))).toEqual([]);
          if (phase < tokens.length) before.push(await shownTo(tokens[phase] ?? '', world));
        }
      }),
      { numRuns: 1, endOnFailure: true },
    );
  }, 600_000);
});
