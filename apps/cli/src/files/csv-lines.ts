import { isUtf8 } from 'node:buffer';

/** Longer than any row of a ledger: a file without line ends must not be read into memory whole. */
const MAX_LINE_BYTES = 1_000_000;

const LINE_FEED = 0x0a;

/** The file is not a text of lines. */
export class NotLines extends Error {
  override readonly name = 'NotLines';
}

/** Whole lines, without their ends, as far as the last chunk went. */
export interface Lines {
  readonly texts: string[];
  /** False where some byte of them is not UTF-8; such a byte reads as U+FFFD. */
  readonly wellFormed: boolean;
}

function lines(bytes: Buffer): Lines {
  const texts = bytes.toString('utf8').split('\n');
  return { texts, wellFormed: isUtf8(bytes) };
}

/**
 * Cuts bytes into lines, chunk by chunk. Bytes are kept until their line is whole, so that no character is cut in two.
 *
 * @throws NotLines
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Lines> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(LINE_FEED);
    // A copy: a view would hold on to the whole chunk.
    rest = Buffer.from(bytes.subarray(end + 1));
    if (rest.length > MAX_LINE_BYTES) throw new NotLines(`a line is longer than ${MAX_LINE_BYTES} bytes`);
    if (end >= 0) yield lines(bytes.subarray(0, end));
  }
  if (rest.length > 0) yield lines(rest);
}
