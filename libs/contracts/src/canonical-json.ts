/** Deeper nesting than this is refused: a recursive writer must not be made to overflow. */
const MAX_DEPTH = 64;

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
  return write(value, 0);
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

/** Texts that are written as they are: printable ASCII without quotation mark and backslash. Most are. */
const PLAIN = /^[ !#-[\]-~]*$/;

function text(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  if (!value.isWellFormed()) throw new NotCanonical('a text holds an unpaired surrogate');
  return JSON.stringify(value);
}

function composite(value: object, depth: number): string {
  if (depth > MAX_DEPTH) throw new NotCanonical(`nested more than ${MAX_DEPTH} deep`);
  if (Array.isArray(value)) return list(value, depth);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return ofClass(value, depth);
  let members = '';
  const record = value as Record<string, unknown>;
  for (const key of Object.keys(record).sort()) {
    const member = record[key];
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

function ofClass(value: object, depth: number): string {
  if ('toJSON' in value && typeof value.toJSON === 'function') return write(value.toJSON(), depth);
  throw new NotCanonical('only plain data has canonical JSON');
}
