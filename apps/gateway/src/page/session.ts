import { bearerOf } from '@annals/service';
import type { FastifyReply, FastifyRequest } from 'fastify';

const COOKIE = 'annals-token';
/** The characters of a token, and as many as a cookie holds. */
const TOKEN = /^[\w.-]{1,4000}$/;
/** Paths of the page: no command can be given there, so a cookie is enough. */
const PAGE = /^\/(?:$|\?|search$|view\/|sign-in$|sign-out$)/;

/** The token of a request: in Authorization, or on the page's own paths in its cookie. */
export function tokenOf(request: FastifyRequest): string | undefined {
  return bearerOf(request) ?? (PAGE.test(request.url) ? cookieOf(request) : undefined);
}

function cookieOf({ headers }: FastifyRequest): string | undefined {
  const cookies = (headers.cookie ?? '').split(';').map((each) => each.trim().split('='));
  const value = cookies.find(([name]) => name === COOKIE)?.[1];
  return value !== undefined && TOKEN.test(value) ? value : undefined;
}

/** Keeps a token in the browser, out of reach of scripts and of other sites; an empty one forgets it. */
export function keepToken(request: FastifyRequest, reply: FastifyReply, token: string): void {
  const value = TOKEN.test(token) ? token : '';
  // Where TLS ends before this server, whoever ends it says so.
  const secure = request.headers['x-forwarded-proto'] === 'https' ? '; Secure' : '';
  void reply.header('Set-Cookie', `${COOKIE}=${value}; HttpOnly; SameSite=Strict; Path=/${value === '' ? '; Max-Age=0' : ''}${secure}`);
}

/** Whether a form was sent by our own page, and not by another site in its visitor's name. */
export function isOwnForm({ headers }: FastifyRequest): boolean {
  // Browsers say this of every request; whoever says nothing is no browser, and nobody's visitor.
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}
