import { createHash } from 'node:crypto';

import { catalogue, type Category, type EventName, type RecordedEvent } from '@annals/contracts';
import { getMetadataArgsStorage } from 'typeorm';

import { PlaceRow, ParkedRow, PartitionPlaceRow, RefusedRow, StreamStateRow } from './tables.js';

/** A transaction of a read model. Statements sent together travel together and run in the order sent. */
export interface Transaction {
  /**
   * False where no event of the batch has been applied before, as far as anybody knows: rows that an event is the
   * first to make may then be inserted without a look at what is there, which costs a third less. If one is there all
   * the same the statement fails, and the batch is applied again in a transaction where this is true.
   */
  readonly careful: boolean;
  /**
   * Runs one statement; tables are named without a schema.
   *
   * @param name - names the prepared statement; the same name always goes with the same text
   */
  query<Row extends object>(name: string, text: string, values: readonly unknown[]): Promise<Row[]>;
}

/** An entity class of TypeORM. */
export type Entity = new () => object;

/** A view that is computed from the log and can be computed again. */
export interface ReadModel {
  /** One lower-case word: the name of its PostgreSQL schema. */
  readonly name: string;
  /** Raised when the projection computes something else from the same events, so that it is rebuilt. */
  readonly version: number;
  /** The events that it handles. Others are ignored and not even decoded. */
  readonly events: readonly EventName[];
  /** True where it uses addresses or names of those who took part in communications. For one that does not they stay sealed. */
  readonly opensAddresses?: boolean;
  /** Its tables; the runner adds its own. */
  readonly entities: readonly Entity[];
  /**
   * Applies events to the tables, in the transaction that also moves the subscription's place.
   *
   * Events of one stream come in order; between streams there is no order. An event may come again.
   * `foldStreams` makes such a function that converges.
   */
  apply(transaction: Transaction, events: readonly RecordedEvent[]): Promise<void>;
}

const NAME = /^[a-z][a-z0-9]{0,30}$/;
/** Changes when the runner's own tables or their use do, so that every read model is rebuilt. */
const RUNNER_VERSION = 2;

/**
 * Names what a read model's tables hold: a hash of its entities, version and events. A generation with
 * another hash was made by other code.
 *
 * @throws RangeError where the name cannot be a schema's
 */
export function hashOf(model: ReadModel): string {
  if (!NAME.test(model.name)) throw new RangeError(`a read model is named by one lower-case word, not ${model.name}`);
  const storage = getMetadataArgsStorage();
  const tables = tablesOf(model).map((entity) => ({
    table: storage.tables.find(({ target }) => target === entity)?.name,
    columns: storage.filterColumns(entity).map(({ propertyName, options }) => ({ propertyName, ...options })),
    indices: storage.filterIndices(entity).map(({ columns, unique, where }) => ({ columns: String(columns), unique, where })),
  }));
  const content = JSON.stringify([RUNNER_VERSION, model.version, [...model.events].sort(), tables]);
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}

/** Tables of the runner that say how far a generation is, and nothing of what it holds. */
export const PLACE_TABLES: readonly Entity[] = [PlaceRow, PartitionPlaceRow, ParkedRow, RefusedRow];

/** All tables of a read model, the runner's own included. */
export function tablesOf(model: ReadModel): Entity[] {
  return [...PLACE_TABLES, StreamStateRow, ...model.entities];
}

/** The categories of streams that hold a read model's events. */
export function categoriesOf(models: readonly ReadModel[]): Category[] {
  return [...new Set(models.flatMap(({ events }) => events.map((name) => catalogue[name].category)))].sort();
}
