import { types } from 'node:util';

import { DatabaseError } from 'pg';

/** The read model cannot be read now: its database is away, or it is being built. Ask again later. */
export class ReadModelUnavailable extends Error {
  override readonly name = 'ReadModelUnavailable';
}

/** The view has not applied an event within the time that a reader would wait. Ask again later. */
export class NotYetVisible extends Error {
  override readonly name = 'NotYetVisible';
}

/** There is no read model of this name. */
export class UnknownReadModel extends Error {
  override readonly name = 'UnknownReadModel';
}

/** Another subscription moved this place: what this one did is rolled back, and it reads the place anew. */
export class PlaceMoved extends Error {
  override readonly name = 'PlaceMoved';
}

/** The tables are of another generation of the code: this process must not write to them. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}

/** The generation that was fed is there no more: another process swapped it in, or dropped it. */
export class GenerationGone extends Error {
  override readonly name = 'GenerationGone';
}

/** How an error in a transaction is met. */
export type Cure = 'again' | 'reconnect' | 'park';

const AGAIN = new Set(['40001', '40P01']);
/** Classes of SQLSTATE that tell of the data: data exception, integrity constraint, program limit exceeded. */
const OF_THE_DATA = new Set(['22', '23', '54']);

/**
 * Tells apart what a repetition cures (a deadlock), what waiting cures (a database that is away or full)
 * and what neither cures: an event that the handler cannot take. Only the last may park a stream, or a
 * failing disk would park them all.
 */
export function cureOf(error: unknown): Cure {
  if (error instanceof DatabaseError) {
    const code = error.code ?? '';
    if (AGAIN.has(code)) return 'again';
    return OF_THE_DATA.has(code.slice(0, 2)) ? 'park' : 'reconnect';
  }
  return isOfTheConnection(error) ? 'reconnect' : 'park';
}

const OF_DEPENDENCIES = new Set(['StoreUnavailable', 'KeyStoreUnavailable', 'PlaceMoved', 'Superseded', 'AbortError']);

function isOfTheConnection(error: unknown): boolean {
  if (!types.isNativeError(error) && !(error instanceof Error)) return false;
  if (OF_DEPENDENCIES.has(error.name)) return true;
  // What the operating system reports has a code; what pg reports of a connection has only its words.
  if ('code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) return true;
  return /connection|timeout exceeded|Query read timeout|not queryable/i.test(error.message);
}

/** An error's name: what can be told of it without telling data. */
export const nameOf = (error: unknown): string => (types.isNativeError(error) || error instanceof Error ? error.name : 'an unknown error');
