import { BATCH_LIMITS } from '@annals/contracts';
import { PayloadTooLargeException } from '@nestjs/common';

const NEWLINE = 0x0a;

/** One line of a batch, not parsed yet. Lines are counted from 1. */
export interface Line {
  readonly number: number;
  readonly bytes: Buffer;
}

/** A body of `application/x-ndjson`. */
export class Ndjson {
  constructor(readonly lines: readonly Line[]) {}
}

/** Splits a body into its lines; blank lines are counted and left out. */
export function splitLines(body: Buffer): Ndjson {
  const lines: Line[] = [];
  let number = 0;
  for (let start = 0; start < body.length; ) {
    const newline = body.indexOf(NEWLINE, start);
    const end = newline < 0 ? body.length : newline;
    const bytes = body.subarray(start, end);
    number += 1;
    if (!isBlank(bytes)) lines.push({ number, bytes });
    if (lines.length > BATCH_LIMITS.lines) throw new PayloadTooLargeException(`A batch holds at most ${BATCH_LIMITS.lines} lines.`);
    start = end + 1;
  }
  return new Ndjson(lines);
}

function isBlank(bytes: Buffer): boolean {
  return bytes.length === 0 || (bytes.length <= 2 && bytes.toString('latin1').trim() === '');
}
