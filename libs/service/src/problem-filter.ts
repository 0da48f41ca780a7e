import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from './problem.js';

const RETRY_AFTER_SECONDS = '1';

/** Writes every error as RFC 9457 problem details, and logs what is our fault. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const answered = problemOf(error);
    if (answered.status >= 500) request.log.error({ err: error }, answered.code);
    // An answer that has begun cannot become another; ending the connection is the only way left to say so.
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    if (answered.status === 503) void reply.header('Retry-After', RETRY_AFTER_SECONDS);
    void reply.status(answered.status).type('application/problem+json').send(answered);
  }
}
