import { CATEGORIES, type Scope } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';

import { narrowed, patternsOf } from '../../scope.js';
import { Statement, UNNAMED } from '../../statement.js';
import { addFitting, addWaits, ANSWERED_AT, type RecordsFilter } from '../records.queries.js';
import type { GROUPINGS } from './report.contract.js';

/** More groups than these are not shown. */
export const MOST_GROUPS = 1_000;
const COMMUNICATION = CATEGORIES.indexOf('communication');

/** What a report is made of: days as the milliseconds at which each begins, and the last one ends. */
export interface Asked {
  readonly filter: RecordsFilter & { readonly from: number; readonly to: number };
  readonly by: (typeof GROUPINGS)[number] | undefined;
  readonly days: readonly number[];
}

/** How long it took: of so many, and null where there are none. */
export interface Taken {
  readonly key: string;
  readonly count: number;
  readonly mean: number | null;
  readonly percentiles: readonly [number, number] | null;
}

interface Volume {
  readonly key: string;
  readonly count: number;
  readonly answered: number;
  readonly missed: number;
}

/** The figures of a report, each of its parts by group. */
export interface Found {
  readonly volumes: readonly Volume[];
  readonly answers: readonly Taken[];
  readonly responses: readonly (Taken & { readonly open: number })[];
}

/** What a combination is grouped by. */
const KEYS = { medium: 'c.medium', purpose: 'c.purpose', direction: 'c.direction' } as const;
/** A department with those above it. */
const PATHS = ` cross join lateral (select array_to_string((string_to_array(c.department, '/'))[1:n], '/') as path
  from generate_series(1, cardinality(string_to_array(c.department, '/'))) n) p`;

/** The combinations that fit, each with its group; `from` has the records of the period. */
function addRecords(statement: Statement, scope: Scope, { filter, by, days }: Asked): Statement {
  if (by === 'department') statement.add(`with f as (select c.id, c.call, p.path as key from combination c${PATHS} where p.path like any(?) and c.id in (`, patternsOf(narrowed(scope, filter.department)));
  else statement.add(`with f as (select c.id, c.call, ${by === undefined || by === 'day' ? "''" : KEYS[by]} as key from combination c where c.id in (`);
  addFitting(statement, scope, 'communication', filter).add(')), r as (select r.id, r.at, r.answer_ms, r.conversation, r.turn, f.call, ');
  if (by === 'day') statement.add('width_bucket(r.at, ?::bigint[])::text', days);
  else statement.add('f.key');
  return statement.add(' as key from record r join f on f.id = r.combination where r.category = ? and r.at >= ? and r.at < ?)', COMMUNICATION, filter.from, filter.to);
}

const VOLUMES = ` select r.key, count(*)::int as count, (count(*) filter (where r.call = 'answered'))::int as answered,
    (count(*) filter (where r.call = 'missed'))::int as missed from r group by r.key order by count desc, r.key limit ?`;
const ANSWERS = ` select r.key, count(*)::int as count, avg(r.answer_ms)::float as mean,
    (percentile_disc(array[0.5, 0.9]) within group (order by r.answer_ms))::float[] as percentiles from r where r.answer_ms is not null group by r.key`;
const RESPONSES = `) w) select w.key, count(w.ms)::int as count, (count(*) - count(w.ms))::int as open, avg(w.ms)::float as mean,
    (percentile_disc(array[0.5, 0.9]) within group (order by w.ms))::float[] as percentiles from w group by w.key`;

/** What the communications of a period come to, group by group. */
export async function findFigures(reader: ReadModelReader, scope: Scope, asked: Asked): Promise<Found> {
  const query = async <Row extends object>(add: (statement: Statement) => Statement): Promise<Row[]> => {
    const { text, values } = add(addRecords(new Statement(), scope, asked));
    return await reader.query<Row>(UNNAMED, text, values);
  };
  const [volumes, answers, responses] = await Promise.all([
    query<Volume>((statement) => statement.add(VOLUMES, MOST_GROUPS + 1)),
    query<Taken>((statement) => statement.add(ANSWERS)),
    query<Found['responses'][number]>((statement) => {
      statement.add(`, w as (select w.key, w.answered_at - w.at as ms from (select r.key, r.at, ${ANSWERED_AT} as answered_at from r where true`, patternsOf(scope));
      return addWaits(statement, scope).add(RESPONSES);
    }),
  ]);
  return { volumes, answers, responses };
}
