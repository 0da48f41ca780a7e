import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { FastifyInstance } from 'fastify';
import swaggerUi from 'swagger-ui-dist';

/** Swagger UI sets styles on elements; scripts come from here alone. */
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Annals: API</title><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="swagger-ui"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
`;

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, defaultModelsExpandDepth: 0 });
`;

const TYPES = { 'swagger-ui.css': 'text/css; charset=utf-8', 'swagger-ui-bundle.js': 'text/javascript; charset=utf-8' } as const;

/** It holds nothing but what routes there are. */
const OPEN = { config: { access: 'anybody' } } as const;

/** Serves the API's description for people, from files of this machine. */
export function registerDocs(server: FastifyInstance): void {
  for (const [name, type] of Object.entries(TYPES)) {
    server.get(`/docs/${name}`, OPEN, async (_request, reply) => {
      const file = await readFile(join(swaggerUi.absolutePath(), name));
      return reply.header('Cache-Control', 'max-age=3600').type(type).send(file);
    });
  }
  server.get('/docs', OPEN, (_request, reply) => reply.header('Content-Security-Policy', POLICY).type('text/html; charset=utf-8').send(PAGE));
  server.get('/docs/start.js', OPEN, (_request, reply) => reply.type('text/javascript; charset=utf-8').send(START));
}
