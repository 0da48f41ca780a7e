import { z } from 'zod';

/** Where a page begins: after or before the row with these keys. */
export interface Cursor {
  readonly to: 'next' | 'previous';
  readonly keys: readonly string[];
}

const MOST_CHARACTERS = 500;
/** Any text that a database can compare with. */
const key = z.string().max(500).refine((text) => !text.includes('\u0000') && text.isWellFormed());
const content = z.tuple([z.enum(['next', 'previous']), z.array(key).min(1).max(4)]);

/** The query parameter that holds a cursor, opaque to callers. */
export const cursorText = z
  .string()
  .max(MOST_CHARACTERS)
  .regex(/^[A-Za-z0-9_-]+$/, { error: 'is not a cursor that this route gave' });

/** What keys are made of. */
export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const NUMBER = /^-?\d{1,16}$/;
export const ANY = /^/;

/** Whether a cursor has as many keys as a list is ordered by, and each is what it must be. */
export function isCursorBy(keys: readonly RegExp[], text: string): boolean {
  const cursor = decoded(text);
  return cursor !== undefined && cursor.keys.length === keys.length && keys.every((key, index) => key.test(cursor.keys[index] ?? ''));
}

/**
 * A cursor of this route: as many keys as it orders by.
 *
 * @param keys - what each key must be
 */
export const cursorOf = (...keys: readonly RegExp[]) =>
  cursorText.refine((text) => isCursorBy(keys, text), { error: 'is not a cursor that this route gave' });

function decoded(text: string): Cursor | undefined {
  try {
    const parsed = content.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return parsed.success ? { to: parsed.data[0], keys: parsed.data[1] } : undefined;
  } catch {
    return undefined;
  }
}

/** A cursor that the contract has let through; undefined for the first page. */
export function readCursor(text: string | undefined): Cursor | undefined {
  return text === undefined ? undefined : decoded(text);
}

const written = (to: Cursor['to'], keys: readonly string[]): string => Buffer.from(JSON.stringify([to, keys])).toString('base64url');

/** A page of rows, and the cursors to the pages beside it. */
export interface Slice<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
  readonly previous: string | null;
}

/**
 * Cuts a page out of what was read: one row more than fits, in the direction of reading.
 *
 * @param found - at most `limit + 1` rows; backwards where the cursor leads to the previous page
 * @param keysOf - what the rows are ordered by, the last of them unique
 */
export function slice<Row>(found: readonly Row[], limit: number, cursor: Cursor | undefined, keysOf: (row: Row) => readonly string[]): Slice<Row> {
  const isBackwards = cursor?.to === 'previous';
  const hasMore = found.length > limit;
  const there = found.slice(0, limit);
  const rows = isBackwards ? there.reverse() : there;
  const edge = (row: Row | undefined, to: Cursor['to'], isThere: boolean): string | null => (row !== undefined && isThere ? written(to, keysOf(row)) : null);
  return {
    rows,
    next: edge(rows.at(-1), 'next', hasMore || isBackwards),
    previous: edge(rows[0], 'previous', isBackwards ? hasMore : cursor !== undefined),
  };
}
