import { isUtf8 } from 'node:buffer';
import { BATCH_LIMITS } from '@annals/contracts';
import type { FastifyInstance } from 'fastify';
import { ContractBroken } from './contract.js';
import { splitLines } from './ndjson.js';

/** Bytes of one command's body. The largest event is half of it. */
export const MAX_BODY_BYTES = 1_048_576;

/**
 * Parses JSON (RFC 8259). Numbers are IEEE doubles; of a repeated name the last counts.
 *
 * @throws ContractBroken with the position, where the parser says it
 */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new ContractBroken([{ pointer: '', detail: 'is not UTF-8' }]);
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return value;
  } catch (error) {
    throw new ContractBroken([{ pointer: '', detail: whatIsWrong(error) }]);
  }
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
