/**
 * Columns of many rows as array parameters in PostgreSQL's binary form, which neither side has to quote, to scan
 * or to read as text (documented in src/include/utils/array.h: dimensions, null flag, element type, length, lower
 * bound, then a length and the bytes of each element). Each takes what its type's own text would be, or null.
 */
const HEADER = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;
const OID = { boolean: 16, bigint: 20, smallint: 21, integer: 23, text: 25, uuid: 2950 } as const;

function begun(oid: number, count: number, elementBytes: number): Buffer {
  const array = Buffer.allocUnsafe(HEADER + count * LENGTH_BYTES + elementBytes);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(1, 4);
  array.writeInt32BE(oid, 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16);
  return array;
}

/** An array whose elements have all the same size, but for those that are null. */
function fixed<Value>(oid: number, size: number, values: readonly (Value | null)[], write: (array: Buffer, value: Value, at: number) => void): Buffer {
  const array = begun(oid, values.length, values.length * size);
  let at = HEADER;
  for (const value of values) {
    array.writeInt32BE(value === null ? NULL_LENGTH : size, at);
    at += LENGTH_BYTES;
    if (value === null) continue;
    write(array, value, at);
    at += size;
  }
  return at === array.length ? array : array.subarray(0, at);
}

/** A `uuid[]` of UUIDs in their text form. @throws RangeError for any other text */
export const uuids = (values: readonly (string | null)[]): Buffer => fixed(OID.uuid, 16, values, writeUuid);

/** A `bigint[]` of whole numbers; of their decimal digits too, where a number could not hold them. @throws RangeError, SyntaxError for anything else */
export const bigints = (values: readonly (number | bigint | string | null)[]): Buffer => fixed(OID.bigint, 8, values, writeBigint);

/** An `integer[]`. @throws RangeError beyond 32 bits */
export const integers = (values: readonly (number | null)[]): Buffer => fixed(OID.integer, 4, values, writeInteger);

/** A `smallint[]`. @throws RangeError beyond 16 bits */
export const smallints = (values: readonly (number | null)[]): Buffer => fixed(OID.smallint, 2, values, writeSmallint);

/** A `boolean[]`. */
export const booleans = (values: readonly (boolean | null)[]): Buffer => fixed(OID.boolean, 1, values, writeBoolean);

/** A `text[]`. Most columns of a batch say the same again and again: that is measured and encoded once, and copied. */
export function texts(values: readonly (string | null)[]): Buffer {
  const array = begun(OID.text, values.length, bytesOf(values));
  let [at, before]: [number, number] = [HEADER, HEADER];
  let last: string | null | undefined;
  for (const value of values) {
    const start = at;
    if (value === last) {
      array.copyWithin(at, before, at);
      at += at - before;
    } else {
      const length = value === null ? NULL_LENGTH : array.write(value, at + LENGTH_BYTES);
      array.writeInt32BE(length, at);
      at += LENGTH_BYTES + Math.max(length, 0);
    }
    before = start;
    last = value;
  }
  return array;
}

function bytesOf(values: readonly (string | null)[]): number {
  let size = 0;
  let last: string | null = null;
  let length = 0;
  for (const value of values) {
    if (value !== last) length = value === null ? 0 : Buffer.byteLength(value);
    last = value;
    size += length;
  }
  return size;
}

/** Where the digits of each byte begin in the text form, and where its dashes are. */
const DIGITS_OF_BYTES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const DASHES = [8, 13, 18, 23];
const UUID_CHARACTERS = 36;
const DASH = 0x2d;

/** The value of a hexadecimal digit by its code; what is none sets bits that no byte has. */
const NO_DIGIT = -1;
const VALUES = new Int8Array(128).fill(NO_DIGIT);
for (const [value, character] of [...'0123456789abcdef'].entries()) {
  VALUES[character.charCodeAt(0)] = value;
  VALUES[character.toUpperCase().charCodeAt(0)] = value;
}

/** Digit by digit: a string without dashes for each would be garbage. */
function writeUuid(array: Buffer, uuid: string, start: number): void {
  let isUuid = uuid.length === UUID_CHARACTERS && DASHES.every((index) => uuid.charCodeAt(index) === DASH);
  let at = start;
  for (const index of DIGITS_OF_BYTES) {
    const byte = ((VALUES[uuid.charCodeAt(index)] ?? NO_DIGIT) << 4) | (VALUES[uuid.charCodeAt(index + 1)] ?? NO_DIGIT);
    isUuid &&= byte >= 0;
    array[at++] = byte;
  }
  if (!isUuid) throw new RangeError('a column of UUIDs holds something else');
}

const WORD = 0x1_0000_0000;

function writeBigint(array: Buffer, value: number | bigint | string, at: number): void {
  if (typeof value !== 'number') {
    array.writeBigInt64BE(BigInt(value), at);
    return;
  }
  if (!Number.isSafeInteger(value)) throw new RangeError('a column of whole numbers holds something else');
  const high = Math.floor(value / WORD);
  array.writeInt32BE(high, at);
  array.writeUInt32BE(value - high * WORD, at + 4);
}

function writeInteger(array: Buffer, value: number, at: number): void {
  if (!Number.isInteger(value)) throw new RangeError('a column of whole numbers holds something else');
  array.writeInt32BE(value, at);
}

function writeSmallint(array: Buffer, value: number, at: number): void {
  if (!Number.isInteger(value)) throw new RangeError('a column of whole numbers holds something else');
  array.writeInt16BE(value, at);
}

function writeBoolean(array: Buffer, value: boolean, at: number): void {
  array[at] = value ? 1 : 0;
}
