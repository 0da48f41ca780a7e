import { once } from 'node:events';
import { createConnection } from 'node:net';
import { eventually } from '@annals/testing';
import { Controller, Get, Module } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';

import type { Dependency } from './health.controller.js';
import { Anybody } from './roles.js';
import { listen } from './start.js';

describe('a service that is asked to end', () => {
  it('takes nothing more, answers what is under way, and only then closes what it stands on, the last opened first', async () => {
    const happened: string[] = [];
    let answer: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (answer = resolve));

    @Controller()
    class Slow {
      @Get('slow')
      @Anybody()
      async slow(): Promise<object> {
        happened.push('asked');
        await asked;
        happened.push('answered');
        return {};
      }
    }
    @Module({ controllers: [Slow] })
    class Slowness {}

    const dependency = (name: string): Dependency => ({
      name,
      check: () => Promise.resolve(),
      close: () => {
        happened.push(`closed ${name}`);
        return Promise.resolve();
      },
    });
    const config = { HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', ANNALS_DEMO: '0' } as const;
    const running = await listen({ name: 'slow', config, module: { module: Slowness }, dependencies: ['pool', 'producer', 'consumer'].map(dependency) });
    const slow = fetch(`${running.url}/slow`);
    await eventually(() => expect(happened).toEqual(['asked']));
    const closed = running.close();
    // A connection that is refused says that it takes no more; the answer is still to come.
    await eventually(async () => {
      const socket = createConnection(running.port, '127.0.0.1');
      const [outcome] = await Promise.race([once(socket, 'error'), once(socket, 'connect').then(() => ['connected'])]);
      socket.destroy();
      expect(outcome).toMatchObject({ code: 'ECONNREFUSED' });
    });
    expect(happened).toEqual(['asked']);
    answer();
    expect((await slow).status).toBe(200);
    await closed;
    expect(happened).toEqual(['asked', 'answered', 'closed consumer', 'closed producer', 'closed pool']);
  }, 60_000);
});
