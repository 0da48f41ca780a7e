import { Index, type DataSource, type IndexOptions } from 'typeorm';

/** Columns and condition of each entity's indexes for readers. */
const declared = new WeakMap<object, Set<string>>();

const keyOf = (columns: readonly string[], where = ''): string => JSON.stringify([columns, where]);

/**
 * An index that only readers need: a build makes it when it has caught up, since to make it of all rows at once
 * costs a fraction of adding row by row. A statement of a read model's `apply` must not look for rows by it.
 */
export function ReaderIndex(columns: string[], options: Pick<IndexOptions, 'where' | 'type'> = {}): ClassDecorator {
  return (target) => {
    const known = declared.get(target) ?? new Set();
    declared.set(target, known.add(keyOf(columns, options.where)));
    Index(columns, options)(target);
  };
}

/** Leaves the indexes for readers out when this data source makes its tables. */
export function withoutReaderIndexes({ entityMetadatas }: DataSource): void {
  for (const { target, indices } of entityMetadatas) {
    const known = typeof target === 'string' ? undefined : declared.get(target);
    for (const index of indices) {
      if (known?.has(keyOf(index.columns.map(({ propertyName }) => propertyName), index.where)) === true) index.synchronize = false;
    }
  }
}
