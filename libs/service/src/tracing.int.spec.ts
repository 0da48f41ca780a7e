import { Controller, Get, Module } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';

import { FromCall, type Call } from './call.js';
import { Anybody } from './roles.js';
import { freePort } from '@annals/testing';
import { listen } from './start.js';
import { isTracing, traceEvents } from './tracing.js';

@Controller()
class Echo {
  @Get('echo')
  @Anybody()
  echo(@FromCall() { traceparent }: Call): object {
    return { traceparent: traceparent ?? null };
  }
}
@Module({ controllers: [Echo] })
class Echoes {}

const CALLER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const config = { HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', ANNALS_DEMO: '0' } as const;

async function echoed(more: object, traceparent: string): Promise<unknown> {
  const running = await listen({ name: 'echo', config: { ...config, ...more }, module: { module: Echoes }, dependencies: [] });
  const answer = await (await fetch(`${running.url}/echo`, { headers: { traceparent } })).json();
  await running.close();
  return answer;
}

describe('tracing', () => {
  it('is off by default: what the caller says is handed on as it is, and nothing is told', async () => {
    expect(await echoed({}, CALLER)).toEqual({ traceparent: CALLER });
    expect(isTracing()).toBe(false);
    traceEvents('apply card', [{ type: 'CustomerRegistered', recordedAt: Date.now(), metadata: { traceparent: CALLER } }], Date.now());
  });

  it('hands on a span of its own in the caller\'s trace, or begins one, and ends with the service though its collector is away', async () => {
    const away = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` };
    expect(await echoed(away, CALLER)).toEqual({ traceparent: expect.stringMatching(/^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/) });
    expect(await echoed(away, 'nonsense')).toEqual({ traceparent: expect.stringMatching(/^00-(?!4bf92f3577b34da6a3ce929d0e0e4736)[0-9a-f]{32}-[0-9a-f]{16}-01$/) });
    expect(isTracing()).toBe(false);
  }, 60_000);
});
