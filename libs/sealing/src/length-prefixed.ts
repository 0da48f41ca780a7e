/** Texts as UTF-8, each after its length in bytes (32 bits, big-endian), so that no two lists are the same bytes. */
export function lengthPrefixed(parts: readonly string[]): Buffer {
  const data = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + 4 + Buffer.byteLength(part), 0));
  let at = 0;
  for (const part of parts) {
    const length = data.write(part, at + 4);
    data.writeUInt32BE(length, at);
    at += 4 + length;
  }
  return data;
}
