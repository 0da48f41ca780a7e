import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { role, type Role } from '@annals/contracts';
import { eventually } from '@annals/testing';
import { keyPairFiles, signingKey, signToken } from '@annals/tokens';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { authorityPage, guardedRoutes, reachOf, type Guarded } from './fixtures/authority.js';
import { examples, type Body } from './fixtures/examples.js';
import { scanFiles } from './fixtures/file-scan.js';
import { systemForTests } from './fixtures/running-system.js';

const system = systemForTests({ durable: false, tokens: true });
const page = new URL('../../docs/reference/authority.md', import.meta.url);

/** Where the records are, and who asks: from above them, from elsewhere, from nowhere. */
const HOME = 'emea/uk/support';
const departments = { own: ['emea/uk'], foreign: ['apac'], none: [] } as const;
type Place = keyof typeof departments;

const given: string[] = [];
async function tokenFor(roles: readonly Role[], place: Place): Promise<string> {
  const key = signingKey(readFileSync(join(system().dataDir, keyPairFiles.signing), 'utf8'));
  const token = await signToken({ subject: 'staff-1', roles, departments: departments[place], kind: 'person', expiresIn: 600 }, key);
  given.push(token);
  return token;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function send(route: Guarded, path: string, token: string | undefined, department: string = HOME): Promise<Answer> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const example: Body = examples[route.path] ?? {};
  const body = 'meta' in example ? { ...example, meta: { ...(example['meta'] as Body), department } } : example;
  const takes = route.takes === undefined ? {} : { body: `${JSON.stringify(body)}\n`, headers: { ...headers, 'content-type': route.takes } };
  const response = await fetch(system().url + path, { method: route.method, headers, ...takes });
  return { status: response.status, text: await response.text() };
}

/** Records that are there, by the first part of the path. */
const ids: Record<string, string> = {};
const UNKNOWN = '018f0000-0000-7000-8000-00000000dead';
const pathOf = ({ path }: Guarded, id: string): string => path.replace(/\{id\}/, id).replace(/\{system\}/, 'crm').replace(/\{name\}/, 'no-such').replace(/\{\w+\}/g, UNKNOWN);
const recordOf = ({ path }: Guarded): string => ids[path.split('/')[1] ?? ''] ?? UNKNOWN;

let routes: (Guarded & { access: readonly Role[] })[];
const tokens = new Map<string, string>();

beforeAll(async () => {
  const all = guardedRoutes(await (await fetch(`${system().url}/openapi.json`)).json());
  expect(all.filter(({ access }) => access === undefined)).toEqual([]);
  routes = all.filter((each): each is Guarded & { access: readonly Role[] } => each.access !== 'anybody');
  for (const each of role.options) for (const place of ['own', 'foreign', 'none'] as const) tokens.set(`${each} ${place}`, await tokenFor([each], place));
  const admin = tokens.get('admin own');
  for (const records of ['customers', 'communications', 'transactions']) {
    const { status, text } = await send({ method: 'POST', path: `/${records}`, access: 'anybody', takes: 'application/json' }, `/${records}`, admin);
    expect([records, status, text]).toEqual([records, 201, expect.any(String)]);
    ids[records] = (JSON.parse(text) as { id: string }).id;
  }
  const card = { method: 'GET', path: '/customers/{id}', access: 'anybody', takes: undefined } as const;
  await eventually(async () => (await send(card, `/customers/${ids['customers'] ?? ''}`, admin)).status === 200);
}, 60_000);

/** An answer without what differs between two of the same. */
const plain = ({ status, text }: Answer): unknown => [status, text.replaceAll(new RegExp(Object.values(ids).join('|'), 'g'), UNKNOWN)];

const shown = ({ status, text }: Answer): string => `${status} ${text.slice(0, 200)}`;
const isLetIn = ({ status }: Answer): boolean => status < 500 && status !== 401 && status !== 403;

/** A command for a department that is not the sender's. */
async function commandComplaint(route: Guarded, token: string): Promise<string> {
  const answer = await send(route, pathOf(route, UNKNOWN), token);
  const isRefused = route.takes === 'application/x-ndjson' ? answer.text.includes('"outcome":"rejected"') : [400, 403].includes(answer.status);
  return isRefused ? '' : shown(answer);
}

const SHOWS = ['Zoë', HOME];
/** A refusal may name the id that was asked for. */
const isTelling = ({ status, text }: Answer): boolean => [...SHOWS, ...(status < 400 ? Object.values(ids) : [])].some((each) => text.includes(each));

/** What is wrong with the answer to somebody of another department, or of none. */
async function strangersComplaint(route: Guarded, token: string, place: Place): Promise<string> {
  const reach = reachOf(route);
  if (reach === 'body') return await commandComplaint(route, token);
  const department = place === 'foreign' ? 'apac/cn' : HOME;
  const answer = await send(route, pathOf(route, recordOf(route)), token, department);
  if (isTelling(answer)) return `shows what is in a record: ${shown(answer)}`;
  if (reach === 'rows') return isLetIn(answer) ? '' : shown(answer);
  const unknown = await send(route, pathOf(route, UNKNOWN), token, department);
  const isAlike = answer.status >= 400 && JSON.stringify(plain(answer)) === JSON.stringify(plain(unknown));
  return isAlike ? '' : `${shown(answer)} is not as for an unknown id: ${shown(unknown)}`;
}

async function complaint(route: Guarded & { access: readonly Role[] }, each: Role, place: Place): Promise<string> {
  const token = tokens.get(`${each} ${place}`) ?? '';
  const isDeclared = route.access.includes(each);
  if (isDeclared && place !== 'own' && reachOf(route) !== 'system') return await strangersComplaint(route, token, place);
  const answer = await send(route, pathOf(route, recordOf(route)), token);
  const isRight = isDeclared ? isLetIn(answer) : answer.status === 403 && answer.text.includes('"code":"forbidden"');
  return isRight ? '' : shown(answer);
}

describe('the authority matrix', () => {
  it('is in the reference as the routes declare it', () => {
    const made = authorityPage(routes);
    if (process.env['ANNALS_WRITE_REFERENCE'] === '1') writeFileSync(page, made);
    expect(existsSync(page) ? readFileSync(page, 'utf8') : '').toBe(made);
  });

  it('holds in every cell: route, role, and own, foreign and no department', async () => {
    const wrong: string[] = [];
    let tried = 0;
    for (const route of routes) {
      for (const each of role.options) {
        for (const place of ['foreign', 'none', 'own'] as const) {
          const found = await complaint(route, each, place);
          tried += 1;
          if (found !== '') wrong.push(`${route.method} ${route.path}, ${each}, ${place}: ${found}`);
        }
      }
    }
    process.stdout.write(`authority: ${tried} cells of ${routes.length} routes tried, ${tried - wrong.length} as declared\n`);
    expect(wrong).toEqual([]);
  }, 300_000);

  it('lets nobody in without a token, with a token of nobody, or with one without a role', async () => {
    const none = await tokenFor([], 'own');
    for (const route of routes) {
      const path = pathOf(route, recordOf(route));
      const statuses = [await send(route, path, undefined), await send(route, path, `${none}x`), await send(route, path, none)].map(({ status }) => status);
      expect([route.path, ...statuses]).toEqual([route.path, 401, 401, 403]);
    }
  }, 60_000);
});

describe('what is left behind', () => {
  it('holds no token: no log, no file', async () => {
    const seen = randomUUID();
    await fetch(`${system().url}/customers/${seen}?token=${given[0] ?? ''}`, { headers: { authorization: `Bearer ${given[0] ?? ''}` } });
    const { files, hits } = await scanFiles(system().dataDir, given);
    expect(files.some((file) => file.endsWith('gateway.log'))).toBe(true);
    expect(hits).toEqual([]);
  }, 60_000);

  it('has keys that their owner alone can read', () => {
    for (const name of Object.values(keyPairFiles)) expect(statSync(join(system().dataDir, name)).mode & 0o777).toBe(0o600);
  });
});
