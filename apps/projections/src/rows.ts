/** Rows in the order of their keys, in which every transaction writes them. */
export function inKeyOrder<Row>(rows: ReadonlyMap<string, Row>): Row[] {
  const ordered: Row[] = [];
  // Sorted by themselves, keys are compared without a call of our own for each pair.
  for (const key of [...rows.keys()].sort()) {
    const row = rows.get(key);
    if (row !== undefined) ordered.push(row);
  }
  return ordered;
}

/** The rows in key order; of several with one key the last. */
export function latest<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Row[] {
  const last = new Map<string, Row>();
  for (const row of rows) last.set(keyOf(row), row);
  return inKeyOrder(last);
}
