import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Anybody } from './roles.js';
import { listen, type Running } from './start.js';

const SECRET = 'Zoe of 1 High Street';

@Controller()
class Failing {
  @Get('well')
  @Anybody()
  well(): object {
    return {};
  }

  @Get('error')
  @Anybody()
  error(): object {
    throw new TypeError(SECRET, { cause: new Error(SECRET) });
  }

  @Get('nothing-known')
  @Anybody()
  nothingKnown(): object {
    // What is thrown need not be an Error, and may look like an answer.
    throw Object.assign(Object.create(null) as object, { statusCode: 418, message: SECRET, stack: SECRET });
  }

  @Post('posted')
  @Anybody()
  posted(): object {
    return {};
  }
}

@Module({ controllers: [Failing] })
class FailingModule {}

let running: Running;
beforeAll(async () => {
  const config = { HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', ANNALS_DEMO: '0' } as const;
  running = await listen({ name: 'failing', config, module: { module: FailingModule }, dependencies: [] });
});
afterAll(() => running.close());

const ask = (path: string, init: RequestInit = {}): Promise<Response> => fetch(running.url + path, init);
const posted = (body: string, type = 'application/json'): RequestInit => ({ method: 'POST', headers: { 'content-type': type }, body });

/** Helmet's headers without Strict-Transport-Security, which whoever ends TLS adds. */
const PROTECTING = {
  'content-security-policy': /default-src 'self'.*object-src 'none'.*script-src-attr 'none'/,
  'cross-origin-opener-policy': /^same-origin$/,
  'cross-origin-resource-policy': /^same-origin$/,
  'referrer-policy': /^no-referrer$/,
  'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^SAMEORIGIN$/,
};

describe('every answer', () => {
  it.each<[number, string, RequestInit]>([
    [200, '/well', {}],
    [201, '/posted', posted('{}')],
    [400, '/posted', posted('{')],
    [400, '/%zz', {}],
    [404, '/nowhere', {}],
    [405, '/well', { method: 'DELETE' }],
    [413, '/posted', posted('x'.repeat(1_048_577))],
    [415, '/posted', posted('x', 'text/plain')],
    [500, '/error', {}],
  ])('of %i to %s tells no software and lets a browser do nothing with it', async (status, path, init) => {
    const response = await ask(path, init);
    await response.text();
    expect(response.status).toBe(status);
    for (const name of ['server', 'x-powered-by', 'via']) expect([name, response.headers.get(name)]).toEqual([name, null]);
    for (const [name, pattern] of Object.entries(PROTECTING)) expect([name, response.headers.get(name)]).toEqual([name, expect.stringMatching(pattern)]);
  });

  it('to what is no HTTP tells no software either', async () => {
    const socket = connect({ port: running.port, host: '127.0.0.1' });
    socket.end('nonsense\r\n\r\n');
    const heard = await text(socket);
    expect(heard).toMatch(/^HTTP\/1.1 400 [^]*"code":"malformed-http"/);
    expect(heard).not.toMatch(/^(?:server|x-powered-by|via):/im);
  });
});

describe('a fault of ours', () => {
  it.each(['/error', '/nothing-known'])('at %s is answered without a word of it: no message, no cause, no stack', async (path) => {
    const response = await ask(path);
    const { detail, ...said } = JSON.parse(await response.text()) as Record<string, unknown>;
    expect([response.status, said]).toEqual([500, { type: 'about:blank', title: 'Internal Server Error', status: 500, code: 'internal' }]);
    expect(detail).toBe('Something went wrong on our side; the log has it under the correlation id.');
  });
});
