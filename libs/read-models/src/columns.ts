const HEADER = 20;
const TEXT_OID = 25;
const NULL_LENGTH = -1;

/**
 * A `text[]` parameter in PostgreSQL's binary form, which neither side has to quote or to scan
 * (documented in src/include/utils/array.h: dimensions, null flag, element type, length, lower bound,
 * then a length and the bytes of each element).
 */
export function texts(values: readonly (string | null)[]): Buffer {
  let size = HEADER;
  for (const value of values) size += 4 + (value === null ? 0 : Buffer.byteLength(value));
  const buffer = Buffer.allocUnsafe(size);
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(1, 4);
  buffer.writeInt32BE(TEXT_OID, 8);
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16);
  let at = HEADER;
  for (const value of values) {
    const length = value === null ? NULL_LENGTH : buffer.write(value, at + 4);
    buffer.writeInt32BE(length, at);
    at += 4 + Math.max(length, 0);
  }
  return buffer;
}

/** A parameter of numbers, UUIDs or booleans, whose elements never need quoting: `integer[]`, `bigint[]`, `uuid[]`, `boolean[]`. */
export function plain(values: readonly (string | number | bigint | boolean | null)[]): string {
  let list = '';
  for (const value of values) list += list === '' ? String(value) : `,${String(value)}`;
  return `{${list}}`;
}
