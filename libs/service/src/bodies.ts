import { isUtf8 } from 'node:buffer';
import { BATCH_LIMITS } from '@annals/contracts';
import type { FastifyInstance } from 'fastify';
import { ContractBroken, jsonPointer } from './contract.js';
import { splitLines } from './ndjson.js';

/** Bytes of one command's body. The largest event is half of it. */
export const MAX_BODY_BYTES = 1_048_576;

const MAX_POINTER = 1_000;
/** JSON that may hold a member named `__proto__`: as it is, or with its underscores escaped. */
const MAY_NAME_PROTOTYPE = /__proto__|\\u005f/i;

/**
 * Parses JSON (RFC 8259). Numbers are IEEE doubles; of a repeated name the last counts. No member may be named
 * `__proto__`: maps would lose it in silence.
 *
 * @throws ContractBroken with the position, where the parser says it
 */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new ContractBroken([{ pointer: '', detail: 'is not UTF-8' }]);
  const text = bytes.toString('utf8');
  const value = parsed(text);
  if (MAY_NAME_PROTOTYPE.test(text)) refusePrototypes(value);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ContractBroken([{ pointer: '', detail: whatIsWrong(error) }]);
  }
}

/** A member of a body, and the member that holds it. */
interface Member {
  readonly value: unknown;
  readonly step: string;
  readonly holder?: Member;
}

/** Goes through a value of any depth, in time that grows with its size alone. */
function refusePrototypes(body: unknown): void {
  const left: Member[] = [{ value: body, step: '' }];
  for (let holder = left.pop(); holder !== undefined; holder = left.pop()) {
    const { value } = holder;
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) throw new ContractBroken([{ pointer: pointerTo({ value, step: '__proto__', holder }), detail: 'is not a name that a member can have' }]);
    for (const [step, member] of Object.entries(value)) left.push({ value: member, step, holder });
  }
}

function pointerTo(member: Member): string {
  const path: string[] = [];
  for (let each = member; each.holder !== undefined; each = each.holder) path.push(each.step);
  return jsonPointer(path.reverse()).slice(0, MAX_POINTER);
}

/** The parser's message without what it quotes of the body, which may be personal. */
function whatIsWrong(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const at = /at position \d+(?: \(line \d+ column \d+\))?/.exec(message)?.[0];
  if (at !== undefined) return `is not JSON: unexpected ${at}`;
  return message.includes('end of JSON') ? 'is not JSON: it ends too early' : 'is not JSON';
}

/** Makes the server take JSON and NDJSON and nothing else: another content type is 415, a larger body 413. */
export function acceptBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body: Buffer, done) => {
    try {
      done(null, parseJson(body));
    } catch (error) {
      done(error instanceof Error ? error : new Error('unknown'));
    }
  });
  server.addContentTypeParser('application/x-ndjson', { parseAs: 'buffer', bodyLimit: BATCH_LIMITS.bytes }, (_request, body: Buffer, done) => {
    try {
      done(null, splitLines(body));
    } catch (error) {
      done(error instanceof Error ? error : new Error('unknown'));
    }
  });
}
