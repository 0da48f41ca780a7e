import 'reflect-metadata';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { openAuthority } from './authority.js';
import type { ServiceConfig } from './config.js';
import { ContractPipe } from './contract.js';
import { EXIT_FAILED, fail } from './fail.js';
import { bearerOf, guardRoutes } from './guard.js';
import { Health, HealthController, type Dependency } from './health.controller.js';
import { createHttp, nestLogger, refuseOtherMethods } from './http.js';
import { openApiOf } from './open-api.js';
import { ProblemFilter } from './problem-filter.js';
import { startTracing, traceRequests } from './tracing.js';

const SHUTDOWN_MS = 10_000;
const CLOSE_IDLE_MS = 50;

/** What a service is made of. */
export interface Service {
  readonly name: string;
  readonly config: ServiceConfig;
  /** Its controllers and providers. */
  readonly module: DynamicModule;
  /** What it stands on; closed after the last request, the last named first. */
  readonly dependencies: readonly Dependency[];
  /** How much one client may send, and where its requests carry a token. */
  readonly clients?: { readonly perMinute?: number | undefined; readonly tokenOf?: (request: FastifyRequest) => string | undefined };
  /** Called before routes are made, for what Nest has no word for: a proxy. */
  readonly configure?: (app: NestFastifyApplication) => Promise<void>;
  /** Makes of its own OpenAPI document the one that it shows, at each request. */
  readonly openApi?: (own: object) => Promise<object>;
}

/** A service that listens. */
export interface Running {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  /** Stops intake, waits for requests under way, then closes what the service stands on. */
  close(): Promise<void>;
}

@Module({})
class Shell {}

/** Starts a service in this process: health, metrics and OpenAPI beside its own routes. */
export async function listen(service: Service): Promise<Running> {
  const { name, config, dependencies } = service;
  const { adapter, server } = createHttp(name, config);
  const endTracing = config.OTEL_EXPORTER_OTLP_ENDPOINT === undefined ? undefined : startTracing(name, config.OTEL_EXPORTER_OTLP_ENDPOINT);
  if (endTracing !== undefined) traceRequests(server);
  const refuse = refuseOtherMethods(server);
  const authority = await openAuthority(config);
  const { perMinute, tokenOf = bearerOf } = service.clients ?? {};
  await guardRoutes(server, { authority, perMinute, tokenOf });
  const health = new Health(name, config.ANNALS_DEMO === '1', dependencies);
  const root: DynamicModule = {
    module: Shell,
    imports: [service.module],
    controllers: [HealthController],
    providers: [{ provide: Health, useValue: health }],
  };
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, { bodyParser: false, abortOnError: false, logger: nestLogger(server) });
  app.useGlobalPipes(new ContractPipe());
  app.useGlobalFilters(new ProblemFilter());
  let document: object | undefined;
  server.get('/openapi.json', { config: { access: 'anybody' } }, async () => {
    document ??= openApiOf(app, name);
    return (await service.openApi?.(document)) ?? document;
  });
  await service.configure?.(app);
  await app.init();
  refuse();
  await app.listen(config.PORT, config.HOST);
  const { port } = new URL(await app.getUrl());
  const host = config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST;
  server.log.info({ port: Number(port), callers: authority.assurance === 'none' ? 'unverified' : authority.assurance }, 'listening');
  return {
    url: `http://${host}:${port}`,
    port: Number(port),
    close: async () => {
      // A connection that is kept alive is idle only after its last answer, and would hold the server open until it times out.
      const idle = setInterval(() => server.server.closeIdleConnections(), CLOSE_IDLE_MS);
      await app.close();
      clearInterval(idle);
      for (const dependency of dependencies.toReversed()) await dependency.close();
      await endTracing?.();
    },
  };
}

/**
 * The whole life of a service's process: starts it, tells a parent process `{ ready: true, port }`, and ends it in
 * order within 10 s on SIGTERM, SIGINT or when the parent is gone. What keeps it from starting is a sentence on
 * standard error and an exit code: 2 for a setting, 1 for all else.
 *
 * @param name - for that sentence
 * @param open - reads the settings and opens what the service stands on
 */
export async function startService(name: string, open: () => Promise<Service> | Service): Promise<void> {
  let running: Running | undefined;
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(EXIT_FAILED), SHUTDOWN_MS).unref();
    Promise.resolve(running?.close()).then(
      () => process.exit(0),
      (error: unknown) => fail(name, error),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal, end);
  try {
    running = await listen(await open());
    if (!ending) process.send?.({ ready: true, port: running.port });
  } catch (error) {
    fail(name, error);
  }
}
