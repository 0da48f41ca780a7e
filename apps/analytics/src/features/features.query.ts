import type { Place } from '@annals/event-store';
import { uuids, type ReadModelReader } from '@annals/read-models';

import type { Figures } from './features.js';

/** Figures of many customers, and of what moment they are. */
export interface FiguresOf {
  readonly figures: readonly Figures[];
  /** The latest moment that any dealing is about: milliseconds since the epoch. */
  readonly asOf: number;
  /** Up to where in the log they hold. */
  readonly place: Place;
}

interface Row {
  readonly customer: string;
  readonly department: string;
  readonly last_at: string;
  readonly invoices: string | null;
  readonly billed: string | null;
  readonly communications: string | null;
}

/** One statement, so that figures, clock and place are of one snapshot. */
const select = (some: string): string => `select d.customer, d.department, d.at as last_at,
    i.value as invoices, b.value as billed, c.value as communications
  from (select distinct on (customer) customer, at, department from dealing ${some}
        order by customer desc, at desc, record desc) d
  left join figure i on i.customer = d.customer and i.measure = 'invoices' and i.unit = ''
  left join figure b on b.customer = d.customer and b.measure = 'billed' and b.unit = $1
  left join figure c on c.customer = d.customer and c.measure = 'communications' and c.unit = ''`;

const EVERYONE = `with f as (${select('')})
  select p.log_id, p.position, p.event_id, (select at from clock) as clock, f.*
  from place p left join f on true order by f.customer`;

const SOME = select('where customer = any($2::uuid[])');

const CURRENCY = `select unit from figure where measure = 'billed' group by unit order by count(*) desc, unit limit 1`;

/** The currency in which most customers are billed; the first by its code among equals. Undefined where none is. */
export async function mainCurrency(reader: ReadModelReader): Promise<string | undefined> {
  const [row] = await reader.query<{ unit: string }>('features_currency', CURRENCY, []);
  return row?.unit;
}

/** Everyone who has had any dealing, by ascending id. */
export async function figuresOfAll(reader: ReadModelReader, currency: string): Promise<FiguresOf> {
  const rows = await reader.query<Row & { log_id: string; position: string; event_id: string | null; clock: string | null }>(
    'features_all',
    EVERYONE,
    [currency],
  );
  const [first] = rows;
  if (first === undefined) throw new RangeError('the features have no place');
  return {
    figures: rows.filter((row) => row.customer !== null).map(figuresIn),
    asOf: Number(first.clock ?? 0),
    place: { logId: first.log_id, position: Number(first.position), eventId: first.event_id },
  };
}

/** Those of the named customers who have had any dealing. */
export async function figuresOfSome(reader: ReadModelReader, currency: string, customers: readonly string[]): Promise<Figures[]> {
  return (await reader.query<Row>('features_some', SOME, [currency, uuids(customers)])).map(figuresIn);
}

function figuresIn(row: Row): Figures {
  return {
    customer: row.customer,
    department: row.department,
    lastAt: Number(row.last_at),
    invoices: Number(row.invoices ?? 0),
    billedMinor: Number(row.billed ?? 0),
    communications: Number(row.communications ?? 0),
  };
}
