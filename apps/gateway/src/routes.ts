import { BATCH_LIMITS } from '@annals/contracts';

/** The services behind the gateway. */
export const SERVICES = ['customers', 'communications', 'transactions', 'projections', 'analytics'] as const;

/** One of them. */
export type ServiceName = (typeof SERVICES)[number];

/** A route that the gateway passes on. */
export interface Route {
  readonly service: ServiceName;
  readonly method: 'GET' | 'POST';
  /** The path at the gateway. */
  readonly path: string;
  /** The same path at the service. */
  readonly upstream: string;
  /** How large its body may be. */
  readonly maxBytes: number;
}

/** One command's body: the services' own limit. */
const COMMAND_BYTES = 1_048_576;

/** What each service declares, and each path is one service's alone. */
const declared: Readonly<Record<ServiceName, readonly `${'GET' | 'POST'} /${string}`[]>> = {
  customers: [
    'POST /customers',
    'POST /customers/batch',
    'POST /customers/changes/batch',
    'POST /customers/:id/profile',
    'POST /customers/:id/contact-points',
    'POST /customers/:id/contact-points/verifications',
    'POST /customers/:id/contact-points/removals',
    'POST /customers/:id/references',
    'POST /customers/:id/references/removals',
    'POST /customers/:id/assignments',
    'POST /customers/:id/assignments/removals',
    'POST /customers/:id/tags',
    'POST /customers/:id/tags/removals',
    'POST /customers/:id/deactivation',
    'POST /customers/:id/reactivation',
    'POST /customers/:id/duplicates/dismissals',
    'POST /customers/:id/duplicates/dismissals/removals',
    'POST /customers/:id/profiling-objection',
    'POST /customers/:id/profiling-permission',
    'GET /customers/:id/history',
  ],
  communications: [
    'POST /communications',
    'POST /communications/batch',
    'POST /communications/:id/amendment',
    'POST /communications/:id/retraction',
    'POST /communications/:id/subjects',
    'POST /communications/:id/subjects/removals',
    'POST /communications/:id/delivery-reports',
    'POST /communications/delivery-reports',
    'POST /communications/delivery-reports/batch',
    'POST /communications/:id/annotations',
    'POST /communications/:id/annotations/:annotation/amendment',
    'POST /communications/:id/annotations/:annotation/removal',
    'GET /communications/:id/history',
    'GET /communications/unlinked',
    'POST /communications/unlinked/:id/dismissal',
    'POST /follow-ups',
    'POST /follow-ups/:id/assignment',
    'POST /follow-ups/:id/postponement',
    'POST /follow-ups/:id/completion',
    'POST /follow-ups/:id/cancellation',
    'GET /follow-ups/:id/history',
  ],
  transactions: [
    'POST /transactions',
    'POST /transactions/batch',
    'POST /transactions/changes/batch',
    'POST /transactions/:id/cancellation',
    'POST /transactions/:id/parties',
    'POST /transactions/:id/parties/removals',
    'GET /transactions/:id/history',
  ],
  projections: [
    'GET /customers',
    'GET /customers/export',
    'GET /customers/duplicates',
    'POST /customers/search',
    'GET /customers/:id',
    'GET /customers/:id/timeline',
    'POST /customers/:id/timeline/search',
    'GET /follow-ups',
    'GET /communications',
    'GET /communications/export',
    'GET /transactions',
    'GET /transactions/export',
    'GET /reports/operations',
    'GET /read-models',
    'GET /read-models/:name/digest',
    'POST /read-models/:name/rebuild',
    'POST /read-models/:name/retry',
  ],
  analytics: ['POST /segments/training', 'GET /segments', 'GET /segments/:id/members'],
};

/** The services that keep read models. */
export const WITH_READ_MODELS = ['projections', 'analytics', 'communications'] as const satisfies readonly ServiceName[];

const readModels = ['GET /read-models', 'GET /read-models/:name/digest', 'POST /read-models/:name/rebuild', 'POST /read-models/:name/retry'] as const;

/** What more than one service has: reached under `/services/<service>`. */
const shared: Readonly<Record<ServiceName, readonly `${'GET' | 'POST'} /${string}`[]>> = {
  customers: ['GET /sources/:system/counts', 'GET /log'],
  communications: ['GET /sources/:system/counts', 'GET /log', ...readModels],
  transactions: ['GET /sources/:system/counts', 'GET /log'],
  projections: ['GET /sources/:system/counts', ...readModels],
  analytics: readModels,
};

const everywhere = ['GET /health/live', 'GET /health/ready', 'GET /metrics', 'GET /openapi.json'] as const;

function route(service: ServiceName, text: string, prefix = ''): Route {
  const [method, upstream = ''] = text.split(' ');
  const maxBytes = upstream.endsWith('/batch') ? BATCH_LIMITS.bytes : COMMAND_BYTES;
  return { service, method: method === 'POST' ? 'POST' : 'GET', path: `${prefix}${upstream}`, upstream, maxBytes };
}

/** Every route that is passed on. */
export const ROUTES: readonly Route[] = SERVICES.flatMap((service) => [
  ...declared[service].map((text) => route(service, text)),
  ...[...shared[service], ...everywhere].map((text) => route(service, text, `/services/${service}`)),
]);
