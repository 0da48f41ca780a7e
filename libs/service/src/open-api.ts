import { batchLineAnswer, commandAnswer, jsonSchemaOf, problem } from '@annals/contracts';
import { applyDecorators, type INestApplication } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiProduces, ApiResponse, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { TOKEN_SCHEME } from './roles.js';

const PROBLEMS: Readonly<Record<string, string>> = {
  400: 'Not what the contract asks for: `errors` has a JSON pointer for each fault.',
  401: 'A token is missing or refused: WWW-Authenticate says which.',
  403: 'The token has not the role that this needs, or not the department.',
  404: 'There is no such record, or none within the departments of the token.',
  409: 'The command is refused: `code` says why.',
  412: 'The record is no longer at the revision of If-Match.',
  413: 'Too large.',
  414: 'A part of the path is longer than any that is known here.',
  415: 'Not the content type of this route.',
  422: 'The Idempotency-Key was used before, with another body.',
  429: 'Too many requests: try again after Retry-After.',
  500: 'Something went wrong on our side.',
  503: 'Something the service needs does not answer: try again after Retry-After.',
};
const TOKEN = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'Made by `annals token`, or by the OIDC issuer that the deployment names. Not asked for where neither is configured.',
} as const;
const OF_QUERIES = new Set(['400', '401', '403', '404', '414', '429', '500', '503']);

/** Declares what a command answers, and the headers that it takes. */
export const CommandAnswers = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Names the command: sent again, it answers the first result. Made and returned where absent.' }),
    ApiHeader({ name: 'If-Match', required: false, description: 'The revision that the record must be at, as the ETag of an answer has it.' }),
    ApiResponse({ status: 201, description: 'The command made the record.', standardSchema: commandAnswer }),
    ApiResponse({ status: 200, description: 'The command changed the record, or nothing.', standardSchema: commandAnswer }),
  );

/** Declares a batch: NDJSON of commands in, NDJSON of their outcomes out. */
export const BatchAnswers = (command: z.ZodType): MethodDecorator =>
  applyDecorators(
    ApiHeader({ name: 'Idempotency-Key', required: false, description: "Names the batch: with a line's number it names that line's command." }),
    ApiConsumes('application/x-ndjson'),
    ApiProduces('application/x-ndjson'),
    ApiBody({ description: 'One command a line, at most 5,000 lines and 8 MB.', schema: schemaOf(command, 'input') }),
    ApiResponse({ status: 200, description: 'One outcome a line, in the order of the lines.', standardSchema: batchLineAnswer }),
  );

/** Declares what a query answers. */
export const Answers = (view: z.ZodType, description: string): MethodDecorator =>
  applyDecorators(ApiResponse({ status: 200, description, standardSchema: view }));

/** Declares a query that is answered with a file of CSV. */
export const CsvAnswers = (description: string): MethodDecorator =>
  applyDecorators(ApiProduces('text/csv'), ApiResponse({ status: 200, description, content: { 'text/csv': { schema: { type: 'string' } } } }));

/** The OpenAPI 3.1 document of a service: routes as Nest has them, bodies and answers from the contracts. */
export function openApiOf(app: INestApplication, name: string): OpenAPIObject {
  const about = new DocumentBuilder().setTitle(`Annals: ${name}`).setVersion('1').setOpenAPIVersion('3.1.0').addBearerAuth(TOKEN, TOKEN_SCHEME).build();
  const document = SwaggerModule.createDocument(app, about, {
    autoTagControllers: true,
    operationIdFactory: (_controller, method) => `${name}.${method}`,
    standardSchemaConverter: (schema, { schemaType }) => convert(schema, schemaType),
  });
  for (const item of Object.values(document.paths)) {
    for (const [method, operation] of Object.entries({ get: item.get, post: item.post })) {
      if (operation !== undefined) Object.assign(operation.responses, problemResponses(method));
    }
  }
  return { ...document, components: { ...document.components, schemas: { ...document.components?.schemas, Problem: schemaOf(problem, 'output') } } };
}

function problemResponses(method: string): Record<string, object> {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const possible = Object.entries(PROBLEMS).filter(([status]) => method === 'post' || OF_QUERIES.has(status));
  return Object.fromEntries(possible.map(([status, description]) => [status, { description, content }]));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const converted = jsonSchemaOf(schema, io);
  delete converted.$schema;
  return converted;
}

function convert(schema: unknown, io: 'input' | 'output'): { schema: unknown; components?: Record<string, unknown> } | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const { $defs, ...own } = schemaOf(schema, io);
  return { schema: own, ...(typeof $defs === 'object' && $defs !== null && { components: { ...$defs } }) };
}
