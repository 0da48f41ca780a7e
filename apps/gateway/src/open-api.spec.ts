import { describe, expect, it } from '@jest/globals';

import { merged, type OpenApi } from './open-api.js';
import { SERVICES, type ServiceName } from './routes.js';

const empty: OpenApi = { openapi: '3.1.0', info: {}, paths: {} };
const nothing = Object.fromEntries(SERVICES.map((name) => [name, empty])) as Record<ServiceName, OpenApi>;

describe('the merged OpenAPI document', () => {
  it('has each route where the gateway has it, beside the gateway\'s own', () => {
    const customers: OpenApi = {
      ...empty,
      paths: { '/customers': { post: { summary: 'register' } }, '/log': { get: { summary: 'log' } }, '/secret': { get: {} } },
      components: { schemas: { Customer: {} } },
    };
    const projections: OpenApi = { ...empty, paths: { '/customers': { get: { summary: 'find' } }, '/customers/{id}': { get: { summary: 'card' } } } };
    const document = merged({ ...empty, paths: { '/status': { get: {} } }, components: { securitySchemes: { token: { type: 'http' } } } }, { ...nothing, customers, projections });
    expect(document.paths).toEqual({
      '/status': { get: {} },
      '/customers': { post: { summary: 'register', tags: ['customers'] }, get: { summary: 'find', tags: ['projections'] } },
      '/customers/{id}': { get: { summary: 'card', tags: ['projections'] } },
      '/services/customers/log': { get: { summary: 'log', tags: ['customers'] } },
    });
    expect(document.components).toEqual({ schemas: { Customer: {} }, securitySchemes: { token: { type: 'http' } } });
  });
});
