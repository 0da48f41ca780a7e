/**
 * Arrays in PostgreSQL's binary form, made by hand: pg turns an array of Buffers into hexadecimal text, which
 * costs both sides a quarter of their time. A Buffer it sends as it is. The form: dimensions, null flag,
 * element type, length and lower bound, then length and bytes of each element (src/backend/utils/adt/arrayfuncs.c,
 * array_recv).
 */
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const UUID_BYTES = 16;

const OID = { bytea: 17, int2: 21, int4: 23, text: 25, uuid: 2950 } as const;

function allocate(oid: number, count: number, elementBytes: number): Buffer {
  const array = Buffer.allocUnsafe(HEADER_BYTES + count * LENGTH_BYTES + elementBytes);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(0, 4);
  array.writeInt32BE(oid, 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16);
  return array;
}

/** An `integer[]`. */
export function int4Array(values: readonly number[]): Buffer {
  const array = allocate(OID.int4, values.length, values.length * 4);
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(4, at);
    array.writeInt32BE(value, at + LENGTH_BYTES);
    at += LENGTH_BYTES + 4;
  }
  return array;
}

/** A `smallint[]`. */
export function int2Array(values: readonly number[]): Buffer {
  const array = allocate(OID.int2, values.length, values.length * 2);
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(2, at);
    array.writeInt16BE(value, at + LENGTH_BYTES);
    at += LENGTH_BYTES + 2;
  }
  return array;
}

const DASH = 0x2d;

/** Value of a hexadecimal digit by its character code: digits end in their value, letters are 9 behind theirs. */
const nibble = (code: number): number => (code & 15) + (code >> 6) * 9;

/** Writes a UUID's bytes and returns the place after them; without a string for each, which a removal of dashes makes. */
function writeUuid(array: Buffer, uuid: string, start: number): number {
  let at = start;
  for (let i = 0; i < uuid.length; i += 2) {
    if (uuid.charCodeAt(i) === DASH) i += 1;
    array[at] = (nibble(uuid.charCodeAt(i)) << 4) | nibble(uuid.charCodeAt(i + 1));
    at += 1;
  }
  return at;
}

/** A `uuid[]` of UUIDs in their text form. */
export function uuidArray(values: readonly string[]): Buffer {
  const array = allocate(OID.uuid, values.length, values.length * UUID_BYTES);
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(UUID_BYTES, at);
    at = writeUuid(array, value, at + LENGTH_BYTES);
  }
  return array;
}

/** A `text[]` of ASCII texts. */
export function asciiArray(values: readonly string[]): Buffer {
  const array = allocate(OID.text, values.length, sum(values));
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(value.length, at);
    array.write(value, at + LENGTH_BYTES, 'latin1');
    at += LENGTH_BYTES + value.length;
  }
  return array;
}

/** A `bytea[]`. */
export function byteaArray(values: readonly Uint8Array[]): Buffer {
  const array = allocate(OID.bytea, values.length, sum(values));
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(value.length, at);
    array.set(value, at + LENGTH_BYTES);
    at += LENGTH_BYTES + value.length;
  }
  return array;
}

function sum(values: readonly { readonly length: number }[]): number {
  let total = 0;
  for (const value of values) total += value.length;
  return total;
}
