import { TextDecoder } from 'node:util';

import type { Lines } from './csv-lines.js';

/** As TextDecoder names them. */
export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'gb18030'] as const;

export type Encoding = (typeof ENCODINGS)[number];

/** A longer line is cut here, and its row refused: nothing that may be recorded is as long. */
export const MAX_LINE_LENGTH = 600_000;
/** Beyond this a file, unpacked, is not read on: a small archive can hold any amount of nothing. */
const MAX_BYTES = 8 * 1_024 ** 3;

/** The file is not a text of this encoding, or not one that can be read. */
export class NotText extends Error {
  override readonly name = 'NotText';
}

/** What the first bytes of a file say of its encoding. */
export function markedEncoding([first, second, third]: Uint8Array): Encoding | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

/**
 * The text of bytes, without a byte order mark.
 *
 * @param from - from this byte on they are looked at one by one, to find the one at fault
 * @throws NotText
 */
async function* decoded(chunks: AsyncIterable<Buffer>, encoding: Encoding, from = Infinity): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let at = 0;
  for await (const chunk of chunks) {
    const whole = Math.min(Math.max(from - at, 0), chunk.length);
    yield decodedPiece(decoder, chunk.subarray(0, whole), at);
    for (let index = whole; index < chunk.length; index++) yield decodedPiece(decoder, chunk.subarray(index, index + 1), at + index);
    at += chunk.length;
    if (at > MAX_BYTES) throw new NotText('it holds more than 8 GiB; divide it');
  }
  try {
    yield decoder.decode();
  } catch {
    throw new Malformed(at);
  }
}

/** Decoding stopped somewhere in the piece that begins at a byte. */
class Malformed extends Error {
  constructor(readonly at: number) {
    super('malformed');
  }
}

function decodedPiece(decoder: TextDecoder, bytes: Uint8Array, at: number): string {
  try {
    return decoder.decode(bytes, { stream: true });
  } catch {
    throw new Malformed(at);
  }
}

/**
 * The lines of a text, portion by portion; none is kept further than `MAX_LINE_LENGTH` and one character.
 *
 * @param open - begins reading the same bytes anew; done a second time only to find the byte at fault
 * @throws NotText which names that byte
 */
export async function* textLines(open: () => AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<Lines> {
  let rest = '';
  try {
    for await (const text of decoded(open(), encoding)) {
      const texts = (rest + text).split('\n');
      rest = (texts.pop() ?? '').slice(0, MAX_LINE_LENGTH + 1);
      if (texts.length > 0) yield { texts: texts.map((line) => line.slice(0, MAX_LINE_LENGTH + 1)), wellFormed: true };
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const byte = await faultyByte(open(), encoding, error.at);
    throw new NotText(`byte ${byte} is not ${encoding}; name its encoding with --encoding (${ENCODINGS.join(', ')})`);
  }
  if (rest !== '') yield { texts: [rest], wellFormed: true };
}

async function faultyByte(chunks: AsyncIterable<Buffer>, encoding: Encoding, from: number): Promise<number> {
  try {
    for await (const _ of decoded(chunks, encoding, from));
  } catch (error) {
    if (error instanceof Malformed) return error.at;
    throw error;
  }
  return from;
}
