import type { Dependency, Service } from '@annals/service';
import type { FastifyInstance } from 'fastify';

import { AppModule } from './app.module.js';
import type { GatewayConfig } from './config.js';
import { registerDocs } from './docs.js';
import { mergedOpenApi, type OpenApi } from './open-api.js';
import { tokenOf } from './page/session.js';
import { registerProxy } from './proxy.js';
import { SERVICES, type ServiceName } from './routes.js';
import { Services } from './services.js';
import { Settings } from './settings.js';

const FORM_BYTES = 8_192;
const PER_MINUTE = 60_000;

/** Forms come from the gateway's own page alone. */
function acceptForms(server: FastifyInstance): void {
  server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: FORM_BYTES }, (_request, body: string, done) => {
    done(null, Object.fromEntries(new URLSearchParams(body)));
  });
}

/** The gateway, as `startService` takes it. */
export function gateway(config: GatewayConfig): Service {
  const urls: Readonly<Record<ServiceName, string>> = {
    customers: config.CUSTOMERS_URL,
    communications: config.COMMUNICATIONS_URL,
    transactions: config.TRANSACTIONS_URL,
    projections: config.PROJECTIONS_URL,
    analytics: config.ANALYTICS_URL,
  };
  const timeoutMs = config.UPSTREAM_TIMEOUT_MS;
  const services = new Services(urls, timeoutMs);
  const settings = new Settings(config.ANNALS_DEMO === '1', config.ANNALS_DATA_DIR ?? null, config.ANNALS_TIME_ZONE, config.KAFKA_BROKERS?.split(',') ?? null);
  return {
    name: 'gateway',
    config,
    module: AppModule.on(services, settings),
    dependencies: SERVICES.map((name) => dependencyOn(name, services)),
    openApi: (own) => mergedOpenApi(own as OpenApi, services),
    clients: { perMinute: config.RATE_LIMIT_PER_MINUTE ?? (isOpen(config) ? undefined : PER_MINUTE), tokenOf },
    configure: async (app) => {
      const server: FastifyInstance = app.getHttpAdapter().getInstance();
      acceptForms(server);
      registerDocs(server);
      await registerProxy(server, { urls, timeoutMs });
    },
  };
}

/** Where callers are not known there is nobody but those on this machine. */
function isOpen({ TOKEN_PUBLIC_KEY_FILE, OIDC_ISSUER }: GatewayConfig): boolean {
  return TOKEN_PUBLIC_KEY_FILE === undefined && OIDC_ISSUER === undefined;
}

/** The gateway is ready when every service is. */
function dependencyOn(name: ServiceName, services: Services): Dependency {
  return { name, check: () => services.get(name, '/health/ready'), close: () => Promise.resolve() };
}
