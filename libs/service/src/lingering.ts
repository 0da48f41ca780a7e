import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** A client that still sends by then has had time to read the answer. */
const LINGER_MS = 5_000;
/** Bytes: more than any body that is taken. */
const MOST_DROPPED = 67_108_864;

/**
 * Lets a client hear the answer to a body that is not taken. A connection that is closed while bytes come in is
 * reset, and the answer is lost with it; so what the client still sends is read and dropped after the answer, for
 * 5 s or 64 MiB at most, before the connection is closed (RFC 9112, 9.6).
 */
export function answerBeforeClosing(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    const isLeft = reply.getHeader('connection') === 'close' && !request.raw.complete;
    if (!isLeft || typeof payload !== 'string') return done(null, payload);
    // With its length the answer is whole for the client before the connection ends.
    void reply.header('Content-Length', Buffer.byteLength(payload));
    done(null, Readable.from(answerThenDrop(payload, request.raw), { objectMode: false }));
  });
}

async function* answerThenDrop(answer: string, request: IncomingMessage): AsyncGenerator<string> {
  yield answer;
  await dropped(request);
}

/** Resolves when the client has stopped sending, or has sent for long enough. */
function dropped(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const done = (): void => {
      clearTimeout(timer);
      request.off('data', count);
      resolve();
    };
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > MOST_DROPPED) done();
    };
    const timer = setTimeout(done, LINGER_MS);
    for (const event of ['end', 'close', 'error'] as const) request.once(event, done);
    request.on('data', count);
    if (request.complete || request.destroyed) done();
  });
}
