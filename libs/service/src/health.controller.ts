import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { measureAtScrape, registry } from './metrics.js';
import { problem } from './problem.js';
import { Anybody } from './roles.js';

const CHECK_TIMEOUT_MS = 3_000;
/** Less, since a scrape waits for all that it asks. */
const MEASURE_TIMEOUT_MS = 2_000;
const READY = 'ready';

/** Something that a service stands on. */
export interface Dependency {
  /** As `/health/ready` names it: `event-store`. */
  readonly name: string;
  /** Rejects where the service cannot work. */
  readonly check: () => Promise<unknown>;
  /** Called once, after the last request. */
  readonly close: () => Promise<void>;
}

/** What `/health/ready` speaks of. */
export class Health {
  constructor(
    readonly service: string,
    readonly demo: boolean,
    readonly dependencies: readonly Dependency[],
  ) {
    measureAtScrape({ annals_dependency_ready: { help: 'Whether what the service stands on lets it work, 1 or 0.', labels: ['dependency'] } }, async () => {
      const states = await this.states(MEASURE_TIMEOUT_MS);
      return states.map(([dependency, state]) => ({ name: 'annals_dependency_ready', labels: { dependency }, value: state === READY ? 1 : 0 }));
    });
  }

  /** What the service stands on, with the state of each: `READY`, or what is wrong. */
  states(withinMs: number): Promise<[name: string, state: string][]> {
    return Promise.all(this.dependencies.map((dependency) => stateOf(dependency, withinMs)));
  }
}

/** What is asked of every service by those who run it. */
@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(@Inject(Health) private readonly health: Health) {}

  @Get('health/live')
  @Anybody()
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('health/ready')
  @Anybody()
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const { service, demo } = this.health;
    const states = await this.health.states(CHECK_TIMEOUT_MS);
    const dependencies = Object.fromEntries(states);
    const failed = states.filter(([, state]) => state !== READY).map(([name]) => name);
    if (failed.length === 0) return void reply.send({ status: 'ready', service, ...(demo && { demo }), dependencies });
    const unready = problem(503, 'not-ready', `${service} cannot work: ${failed.join(', ')}.`);
    void reply.status(503).header('Retry-After', '1').type('application/problem+json').send({ ...unready, dependencies });
  }

  @Get('metrics')
  @Anybody()
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    void reply.type(registry.contentType).send(await registry.metrics());
  }
}

/** The name of what went wrong and not its message, which may hold an address or a credential. */
async function stateOf({ name, check }: Dependency, withinMs: number): Promise<[name: string, state: string]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, withinMs, 'does not answer');
  });
  const checked = check().then(
    () => READY,
    (error: unknown) => (error instanceof Error ? error.name : 'failed'),
  );
  const state = await Promise.race([checked, late]);
  clearTimeout(timer);
  return [name, state];
}
