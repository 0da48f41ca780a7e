/** Deeper nesting than this is refused: a recursive writer must not be made to overflow. */
const MAX_DEPTH = 64;
/** Where a sort that grows with the square of the keys stops being the faster one. */
const MANY_KEYS = 32;

/** The value has no canonical JSON: it is not finite, not well-formed, not plain data, or nested too deeply. */
export class NotCanonical extends Error {
  override readonly name = 'NotCanonical';
}

/**
 * Writes a value as canonical JSON: RFC 8785 (JCS), sorted by UTF-16 code units, numbers as ECMAScript
 * writes them, no white space. Members that are `undefined` are left out, as `JSON.stringify` does.
 *
 * @param value - plain data: null, booleans, finite numbers, well-formed strings, arrays, objects; objects
 * with a `toJSON` of their class are written as what it returns
 * @throws NotCanonical
 */
export function canonicalJson(value: unknown): string {
  // The runtime's own writer is by far the fastest, and writes texts and numbers as RFC 8785 asks; what is left is the order.
  const copy = sorted(value, 0);
  return copy === UNSORTABLE ? write(value, 0) : JSON.stringify(copy);
}

/** In place of a value with a key that no object keeps where it is put: indices come first, by number, and `__proto__` is none of its own. */
const UNSORTABLE = Symbol('unsortable');
const UNSORTABLE_KEY = /^(?:\d+|__proto__)$/;

/** A copy whose objects have their keys in order. */
function sorted(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return wellFormed(value);
    case 'number':
      if (!Number.isFinite(value)) throw new NotCanonical('a number is not finite');
      return value;
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : sortedComposite(value, depth + 1);
    default:
      throw new NotCanonical(`a ${typeof value} has no JSON`);
  }
}

function sortedComposite(value: object, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new NotCanonical(`nested more than ${MAX_DEPTH} deep`);
  if (Array.isArray(value)) return sortedList(value, depth);
  if (!isPlain(value)) return sorted(ownJson(value), depth);
  const copy: Record<string, unknown> = {};
  for (const key of sortedKeys(value)) {
    if (UNSORTABLE_KEY.test(key)) return UNSORTABLE;
    const given = value[key];
    if (given === undefined) continue;
    const member = sorted(given, depth);
    if (member === UNSORTABLE) return UNSORTABLE;
    copy[wellFormed(key)] = member;
  }
  return copy;
}

function sortedList(values: readonly unknown[], depth: number): unknown {
  // An index loop, since `map` skips the holes of a sparse array, which have no JSON.
  const copy: unknown[] = [];
  for (let index = 0; index < values.length; index++) {
    const member = sorted(values[index], depth);
    if (member === UNSORTABLE) return UNSORTABLE;
    copy.push(member);
  }
  return copy;
}

/** An insertion sort: for the few keys of most objects it takes a fraction of the built-in one. */
function sortedKeys(value: object): string[] {
  const keys = Object.keys(value);
  if (keys.length > MANY_KEYS) return keys.sort();
  for (let next = 1; next < keys.length; next++) {
    const key = keys[next] ?? '';
    let place = next;
    for (; place > 0 && (keys[place - 1] ?? '') > key; place--) keys[place] = keys[place - 1] ?? '';
    keys[place] = key;
  }
  return keys;
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return text(value);
    case 'number':
      if (!Number.isFinite(value)) throw new NotCanonical('a number is not finite');
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : composite(value, depth + 1);
    default:
      throw new NotCanonical(`a ${typeof value} has no JSON`);
  }
}

function text(value: string): string {
  return JSON.stringify(wellFormed(value));
}

function wellFormed(value: string): string {
  if (!value.isWellFormed()) throw new NotCanonical('a text holds an unpaired surrogate');
  return value;
}

function composite(value: object, depth: number): string {
  if (depth > MAX_DEPTH) throw new NotCanonical(`nested more than ${MAX_DEPTH} deep`);
  if (Array.isArray(value)) return list(value, depth);
  if (!isPlain(value)) return write(ownJson(value), depth);
  let members = '';
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) members += `${members === '' ? '' : ','}${text(key)}:${write(member, depth)}`;
  }
  return `{${members}}`;
}

function list(values: readonly unknown[], depth: number): string {
  // An index loop, since `map` skips the holes of a sparse array, which have no JSON.
  const parts: string[] = [];
  for (let index = 0; index < values.length; index++) parts.push(write(values[index], depth));
  return `[${parts.join(',')}]`;
}

function ownJson(value: object): unknown {
  if ('toJSON' in value && typeof value.toJSON === 'function') return value.toJSON();
  throw new NotCanonical('only plain data has canonical JSON');
}
