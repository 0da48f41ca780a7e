import { ROUTES, SERVICES, type ServiceName } from './routes.js';
import type { Services } from './services.js';

/** The parts of an OpenAPI document that merging is about. */
export interface OpenApi {
  readonly openapi: string;
  readonly info: object;
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly tags?: readonly object[];
  readonly components?: { readonly schemas?: Readonly<Record<string, object>>; readonly securitySchemes?: Readonly<Record<string, object>> };
}

/** OpenAPI writes `{id}` where a route has `:id`. */
const asOpenApi = (path: string): string => path.replace(/:(\w+)/g, '{$1}');

/**
 * One document of the gateway's own routes and every service's, at the paths where the gateway has them. Routes that
 * a service has and the gateway does not pass on are left out.
 */
export function merged(own: OpenApi, documents: Readonly<Record<ServiceName, OpenApi>>): OpenApi {
  const paths: Record<string, Record<string, object>> = Object.fromEntries(Object.entries(own.paths).map(([path, item]) => [path, { ...item }]));
  for (const { service, method, path, upstream } of ROUTES) {
    const operation = documents[service].paths[asOpenApi(upstream)]?.[method.toLowerCase()];
    if (operation === undefined) continue;
    const item = (paths[asOpenApi(path)] ??= {});
    item[method.toLowerCase()] = { ...operation, tags: [service] };
  }
  const schemas = Object.assign({}, ...SERVICES.map((service) => documents[service].components?.schemas), own.components?.schemas);
  return { ...own, info: { title: 'Annals', version: '1' }, paths, tags: SERVICES.map((name) => ({ name })), components: { ...own.components, schemas } };
}

/** @throws ServiceFailed where a service does not answer */
export async function mergedOpenApi(own: OpenApi, services: Services): Promise<OpenApi> {
  const documents = await Promise.all(SERVICES.map(async (name) => [name, await services.get<OpenApi>(name, '/openapi.json')] as const));
  return merged(own, Object.fromEntries(documents) as Record<ServiceName, OpenApi>);
}
