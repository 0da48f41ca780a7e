import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf, Unauthenticated } from './problem.js';

const RETRY_AFTER_SECONDS = '1';

/** Writes every error as RFC 9457 problem details, and logs what is our fault. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    answerProblem(error, request, reply);
  }
}

/** Answers an error, wherever in the server it was met. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const answered = problemOf(error);
  if (answered.status >= 500) request.log.error({ err: error }, answered.code);
  // An answer that has begun cannot become another; ending the connection is the only way left to say so.
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  if (answered.status === 503) void reply.header('Retry-After', RETRY_AFTER_SECONDS);
  if (error instanceof Unauthenticated) void reply.header('WWW-Authenticate', challengeOf(error));
  void reply.status(answered.status).type('application/problem+json').send(answered);
}

/** RFC 6750: how to show who one is, and what was wrong with the token that was sent. */
function challengeOf({ error, message }: Unauthenticated): string {
  return error === undefined ? 'Bearer realm="annals"' : `Bearer realm="annals", error="${error}", error_description="${message}"`;
}
