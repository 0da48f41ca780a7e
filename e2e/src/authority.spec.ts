import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { role, type Role, type SegmentsView } from '@annals/contracts';
import { eventually } from '@annals/testing';
import { keyPairFiles, signingKey, signToken } from '@annals/tokens';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { authorityPage, guardedRoutes, reachOf, type Guarded } from './fixtures/authority.js';
import { bodyOf, HOME, isTelling, makeThem, naming, ownComplaint, pathOf, prepared, recordOf, strangersStatus, UNKNOWN, type Answer, type Asked, type Send, type There } from './fixtures/cells.js';
import { scanFiles } from './fixtures/file-scan.js';
import { systemForTests } from './fixtures/running-system.js';

const system = systemForTests({ durable: false, tokens: true });
const page = new URL('../../docs/reference/authority.md', import.meta.url);

/** Who asks: from above the records, from elsewhere, from nowhere; and who sees everything. */
const departments = { own: ['emea/uk'], foreign: ['apac'], none: [], all: ['*'] } as const;
type Place = keyof typeof departments;
type Declared = Guarded & { readonly access: readonly Role[] };

const given: string[] = [];
async function tokenFor(roles: readonly Role[], place: Place): Promise<string> {
  const key = signingKey(readFileSync(join(system().dataDir, keyPairFiles.signing), 'utf8'));
  const token = await signToken({ subject: 'staff-1', roles, departments: departments[place], kind: 'person', expiresIn: 600 }, key);
  given.push(token);
  return token;
}

async function ask({ method, takes }: Pick<Guarded, 'method' | 'takes'>, { path, body }: Asked, token: string | undefined): Promise<Answer> {
  const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...(takes !== undefined && { 'content-type': takes }) };
  const response = await fetch(system().url + path, { method, headers, ...(body !== undefined && { body: `${JSON.stringify(body)}\n` }) });
  return { status: response.status, text: await response.text() };
}

let routes: Declared[];
let there: There;
const tokens = new Map<string, string>();
const tokenOf = (each: Role, place: Place): string => tokens.get(`${each} ${place}`) ?? '';
const asAdmin: Send = async (route, asked) => await ask(route, asked, tokenOf('admin', 'own'));

/** Who sees all of what a route shows. */
const placeOf = (route: Guarded, place: Place): Place => (place === 'own' && reachOf(route) === 'whole' ? 'all' : place);

beforeAll(async () => {
  const all = guardedRoutes(await (await fetch(`${system().url}/openapi.json`)).json());
  expect(all.filter(({ access }) => access === undefined)).toEqual([]);
  routes = all.filter((each): each is Declared => each.access !== 'anybody');
  for (const each of role.options) for (const place of ['own', 'foreign', 'none', 'all'] as const) tokens.set(`${each} ${place}`, await tokenFor([each], place));
  there = await makeThem(asAdmin);
  const training: Guarded = { method: 'POST', path: '/segments/training', access: 'anybody', takes: 'application/json' };
  const trained = await eventually(async () => {
    const answer = await asAdmin(training, { path: training.path, body: bodyOf(training, HOME) });
    return answer.status === 201 && answer;
  });
  expect(trained.text).toContain('"created"');
  const model = await ask({ method: 'GET', takes: undefined }, { path: '/segments', body: undefined }, tokenOf('admin', 'all'));
  there = { ...there, segments: (JSON.parse(model.text) as SegmentsView).segments[0]?.id ?? '' };
  // Views follow within moments: from here on, whoever may see a record sees it.
  for (const route of routes.filter(({ method }) => method === 'GET')) {
    const token = tokenOf('admin', placeOf(route, 'own'));
    await eventually(async () => expect(ownComplaint(route, await ask(route, { path: pathOf(route, recordOf(route, there)), body: undefined }, token), there)).toBe(''));
  }
}, 60_000);

/** An answer without what differs between two of the same. */
const plain = ({ status, text }: Answer): unknown => [status, text.replaceAll(new RegExp(Object.values(there).join('|'), 'g'), UNKNOWN)];
const shown = ({ status, text }: Answer): string => `${status} ${text.slice(0, 200)}`;

/** A command for a department that is not the sender's. */
const isRefused = (route: Guarded, { status, text }: Answer, expected: number): boolean =>
  route.path.endsWith('/batch') ? status === 200 && text.includes('"outcome":"rejected"') && text.includes(`"status":${expected}`) : status === expected;

/** What is wrong with the answer to somebody of another department, or of none. */
async function strangersComplaint(route: Guarded, token: string, place: Place): Promise<string> {
  const department = place === 'foreign' ? 'apac/cn' : HOME;
  const answer = await ask(route, { path: pathOf(route, recordOf(route, there)), body: bodyOf(route, reachOf(route) === 'body' ? HOME : department) }, token);
  const isFor = reachOf(route) === 'body' ? isRefused(route, answer, 403) && answer.text.includes('"department-not-in-scope"') : answer.status === strangersStatus(route, place !== 'none');
  if (!isFor) return `should be refused: ${shown(answer)}`;
  // A refusal may name the id that was asked for.
  if (answer.status < 400 && isTelling(route, answer, there)) return `shows what is in a record: ${shown(answer)}`;
  return await unlikeUnknown(route, token, department);
}

/** What differs between a record that is out of scope and one that nobody has, wherever a route names it. */
async function unlikeUnknown(route: Guarded, token: string, department: string): Promise<string> {
  const asked = (id: string): Asked | undefined => (reachOf(route) === 'record' ? { path: pathOf(route, id), body: bodyOf(route, department) } : naming(route, id, department));
  const [hidden, unknown] = [asked(recordOf(route, there)), asked(UNKNOWN)];
  if (hidden === undefined || unknown === undefined) return '';
  const answers = [await ask(route, hidden, token), await ask(route, unknown, token)] as const;
  return isAlike(route, answers) ? '' : `${shown(answers[0])} is not as for an unknown id: ${shown(answers[1])}`;
}

const isAlike = (route: Guarded, [hidden, unknown]: readonly [Answer, Answer]): boolean =>
  (isRefused(route, hidden, 404) || isRefused(route, hidden, 403)) && JSON.stringify(plain(hidden)) === JSON.stringify(plain(unknown));

async function complaint(route: Declared, each: Role, place: Place): Promise<string> {
  const token = tokenOf(each, placeOf(route, place));
  if (!route.access.includes(each)) {
    const answer = await ask(route, { path: pathOf(route, recordOf(route, there)), body: bodyOf(route, HOME) }, token);
    return answer.status === 403 && answer.text.includes('"code":"forbidden"') ? '' : `should be forbidden: ${shown(answer)}`;
  }
  if (place !== 'own' && reachOf(route) !== 'system') return await strangersComplaint(route, token, place);
  return ownComplaint(route, await ask(route, await prepared(route, there, asAdmin), token), there);
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
    // A training makes other segments than those that are there.
    const isTraining = ({ path }: Guarded): boolean => path === '/segments/training';
    for (const route of [...routes.filter((each) => !isTraining(each)), ...routes.filter(isTraining)]) {
      const cells = role.options.flatMap((each) => (['foreign', 'none', 'own'] as const).map((place) => ({ each, place })));
      const found = await Promise.all(cells.map(async ({ each, place }) => ({ each, place, why: await complaint(route, each, place) })));
      tried += found.length;
      for (const { each, place, why } of found) if (why !== '') wrong.push(`${route.method} ${route.path}, ${each}, ${place}: ${why}`);
    }
    process.stdout.write(`authority: ${tried} cells of ${routes.length} routes tried, ${tried - wrong.length} as declared\n`);
    expect(wrong).toEqual([]);
  }, 300_000);

  it('lets nobody in without a token, with a token of nobody, or with one without a role', async () => {
    const none = await tokenFor([], 'own');
    for (const route of routes) {
      const asked = { path: pathOf(route, recordOf(route, there)), body: bodyOf(route, HOME) };
      const statuses = [await ask(route, asked, undefined), await ask(route, asked, `${none}x`), await ask(route, asked, none)].map(({ status }) => status);
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
