import { randomUUID } from 'node:crypto';
import { idOf, type Actor, type CommandAnswer, type Scope } from '@annals/contracts';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseContract } from './contract.js';
import type { Handled } from './handle.js';
import { Unauthenticated } from './problem.js';

const KEY = /^[\x21-\x7e]{1,200}$/;
const inBody = z.object({ key: z.string() });

/** Headers that a command may carry. */
const headers = z.object({
  'idempotency-key': z.string().regex(KEY, { error: 'is not 1 to 200 visible ASCII characters' }).optional(),
  // A malformed one is ignored, as W3C Trace Context asks.
  traceparent: z.string().regex(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/).optional().catch(undefined),
  'if-match': z.string().regex(/^"(?:0|[1-9]\d{0,4})"$/, { error: 'is not one strong ETag such as "3"' }).optional(),
});

/** One request as a command or query sees it: who asks, under which key, and how to answer. */
export interface Call {
  readonly actor: Actor;
  /** The departments that whoever asks may see: every query and every command on a record takes it. */
  readonly scope: Scope;
  readonly correlationId: string;
  readonly traceparent: string | undefined;
  /** The Idempotency-Key that was sent, in the header or the body, or one made here and returned. */
  readonly key: string;
  /** The revision that If-Match names. */
  readonly ifMatch: number | undefined;
  /** The body as it was sent, before defaults. */
  readonly sent: unknown;
  readonly reply: FastifyReply;
}

/** @throws ContractBroken on malformed headers */
export function callOf(request: FastifyRequest, reply: FastifyReply): Call {
  const { caller } = request;
  if (caller === null) throw new Unauthenticated('This needs a token.');
  const said = parseContract(headers, request.headers, ['headers']);
  const key = said['idempotency-key'] ?? inBody.safeParse(request.body).data?.key ?? randomUUID();
  // A key in a body may be of any script, which a header cannot hold.
  if (request.method === 'POST' && KEY.test(key)) void reply.header('Idempotency-Key', key);
  return {
    actor: caller.actor,
    scope: caller.scope,
    correlationId: request.id,
    traceparent: said.traceparent,
    key,
    ifMatch: said['if-match'] === undefined ? undefined : Number(said['if-match'].slice(1, -1)),
    sent: request.body,
    reply,
  };
}

/** Gives a route its `Call`: `register(@Body({ schema }) body: RegisterCustomer, @FromCall() call: Call)`. */
export const FromCall = createParamDecorator((_: unknown, context: ExecutionContext): Call => {
  const http = context.switchToHttp();
  return callOf(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
});

/**
 * Answers a command: 201 where it made the record, else 200, with Location and the revision as ETag.
 *
 * @param records - the path that the record lies under: `/customers`
 */
export function answer({ reply }: Call, records: string, { erased, ...handled }: Handled): CommandAnswer {
  const id = idOf(handled.stream);
  void reply
    .status(handled.outcome === 'created' ? 201 : 200)
    .header('Location', `${records}/${id}`)
    .header('ETag', `"${handled.revision}"`);
  return { id, ...handled, ...(erased.length > 0 && { erased: [...erased] }) };
}
