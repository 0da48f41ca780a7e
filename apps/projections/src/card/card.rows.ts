import { bigints, settled, texts, uuids, type Transaction } from '@annals/read-models';

import { latest } from '../rows.js';
import type { RowChange } from './card.changes.js';

type Table = RowChange['to'];
type RowOf<T extends Table> = Extract<RowChange, { readonly to: T }>;
/** A column of a table's key, beside the customer. */
type Key<Row> = readonly [column: string, type: 'text' | 'bigint' | 'uuid', valueOf: (row: Row) => string | number];

/** What the row of each table is beside the customer and the department, which is the same as long as there is the row. */
const KEYS: { readonly [T in Table]: readonly Key<RowOf<T>>[] } = {
  contact: [['medium', 'text', ({ medium }) => medium], ['at', 'bigint', ({ at }) => at], ['communication', 'uuid', ({ communication }) => communication]],
  bought: [['at', 'bigint', ({ at }) => at], ['transaction', 'uuid', ({ transaction }) => transaction]],
  name: [['name', 'text', ({ name }) => name]],
  reference: [['system', 'text', ({ system }) => system], ['id', 'text', ({ id }) => id]],
  point: [['digest', 'uuid', ({ digest }) => digest], ['likeness', 'text', ({ likeness }) => likeness], ['since', 'bigint', ({ since }) => since]],
  dismissed: [['other', 'uuid', ({ other }) => other]],
  tagged: [['tag', 'text', ({ tag }) => tag]],
  assigned: [['role', 'text', ({ role }) => role], ['staff', 'text', ({ staff }) => staff]],
};

const COLUMNS = {
  text: (values: readonly (string | number)[]) => texts(values.map(String)),
  bigint: bigints,
  uuid: (values: readonly (string | number)[]) => uuids(values.map(String)),
};

/** Statements made of the names above alone. */
function statementsFor(table: Table): { readonly [What in 'add' | 'addNew' | 'take']: { readonly name: string; readonly text: string } } {
  const keys = KEYS[table].map(([column, type]) => ({ column, type }));
  const columns = ['customer', ...keys.map(({ column }) => column), 'department'];
  const arrays = ['$1::uuid[]', ...[...keys, { type: 'text' }].map(({ type }, index) => `$${index + 2}::${type}[]`)].join(', ');
  const same = columns.map((column) => `t.${column} = k.${column}`).join(' and ');
  const insert = `insert into ${table} (${columns.join(', ')}) select * from unnest(${arrays})`;
  return {
    add: { name: `card_${table}_add`, text: insert },
    addNew: { name: `card_${table}_add_new`, text: `${insert} on conflict do nothing` },
    take: { name: `card_${table}_take`, text: `delete from ${table} t using unnest(${arrays}) as k(${columns.join(', ')}) where ${same}` },
  };
}

const STATEMENTS = {
  contact: statementsFor('contact'),
  bought: statementsFor('bought'),
  name: statementsFor('name'),
  reference: statementsFor('reference'),
  point: statementsFor('point'),
  dismissed: statementsFor('dismissed'),
  tagged: statementsFor('tagged'),
  assigned: statementsFor('assigned'),
};

/** Takes rows of one table away and adds others: of several changes to one row the last. */
export async function changeRows<T extends Table>(transaction: Transaction, table: T, changes: readonly RowOf<T>[]): Promise<void> {
  if (changes.length === 0) return;
  const keys: readonly Key<RowOf<T>>[] = KEYS[table];
  const rows = latest(changes, (row) => [row.customer, ...keys.map(([, , valueOf]) => valueOf(row))].join(' '));
  const keysOf = (some: readonly RowOf<T>[]): unknown[] => [
    uuids(some.map(({ customer }) => customer)),
    ...keys.map(([, type, valueOf]) => COLUMNS[type](some.map(valueOf))),
    texts(some.map(({ department }) => department)),
  ];
  const gone = rows.filter(({ present }) => !present);
  const there = rows.filter(({ present }) => present);
  const { add, addNew, take } = STATEMENTS[table];
  const insert = transaction.careful ? addNew : add;
  await settled([
    gone.length > 0 ? transaction.query(take.name, take.text, keysOf(gone)) : Promise.resolve(),
    there.length > 0 ? transaction.query(insert.name, insert.text, keysOf(there)) : Promise.resolve(),
  ]);
}
