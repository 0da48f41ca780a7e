/** Rows in the order of their keys, in which every transaction writes them. */
export function inKeyOrder<Row>(rows: ReadonlyMap<string, Row>): Row[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** The rows in key order; of several with one key the last. */
export function latest<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Row[] {
  return inKeyOrder(new Map(rows.map((row) => [keyOf(row), row])));
}
