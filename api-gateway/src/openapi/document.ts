import { ErrorBodySchema } from '@im/common/gen/im/errors/v1/errors_pb.ts';
import type { HttpRoute } from '../routes/http-route.ts';
import type { Comments } from './comments.ts';
import type { JsonSchema } from './json-schema.ts';
import { operationOf } from './operation.ts';
import { createSchemas } from './schemas.ts';

const ABOUT =
  'Answers are proto3 JSON: fields that are not required here may be missing, unknown ones are to be ignored. ' +
  'Requests with unknown fields are refused.';

/** The OpenAPI 3.1 description of the routes. */
export function openApiDocument(
  routes: readonly HttpRoute[],
  comments: Comments,
  version: string,
): JsonSchema {
  const schemas = createSchemas(comments);
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    paths[route.path]![route.method.toLowerCase()] = operationOf(route, schemas, comments);
  }
  const error = {
    type: 'object',
    properties: { error: schemas.reference(ErrorBodySchema) },
    required: ['error'],
  };
  const services = [...new Set(routes.map(({ service }) => service))];
  return {
    openapi: '3.1.1',
    info: { title: 'im-backend', version, description: ABOUT },
    tags: services.map(({ name, typeName }) => ({ name, description: comments.get(typeName) ?? '' })),
    paths,
    components: {
      schemas: schemas.components(),
      responses: {
        Error: {
          description: 'Refused or failed; `reason` says why.',
          headers: { 'X-Request-Id': { schema: { type: 'string' } } },
          content: { 'application/json': { schema: error } },
        },
      },
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', description: 'The access token of a signed-in user.' },
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key; never from a browser.' },
      },
    },
  };
}
