import type { DescField } from '@bufbuild/protobuf';
import type { HttpRoute } from '../routes/http-route.ts';
import type { Comments } from './comments.ts';
import { isRequired } from './constraints.ts';
import type { JsonSchema } from './json-schema.ts';
import type { Schemas } from './schemas.ts';

/** How a route stands in the document. */
export function operationOf(route: HttpRoute, schemas: Schemas, comments: Comments): JsonSchema {
  const { rpc, service, access } = route;
  const fields = rpc.input.fields.filter(
    (field) => !route.pathFields.includes(field) && field !== route.maskField,
  );
  const description = [
    comments.get(`${service.typeName}.${rpc.name}`),
    comments.get(rpc.input.typeName),
    access.apiKey && `For API keys with the scope \`${access.apiKey}\`.`,
  ].filter(Boolean);
  return {
    operationId: rpc.name,
    tags: [service.name],
    summary: inWords(rpc.name),
    ...(description.length > 0 && { description: description.join('\n\n') }),
    security: securityOf(route),
    ...parametersOf(route, fields, schemas),
    ...(route.hasBody && {
      requestBody: {
        required: fields.some(isRequired) || route.maskField !== undefined,
        content: json(schemas.body(fields, route.maskField !== undefined)),
      },
    }),
    responses: {
      200: { description: 'Done.', content: json(schemas.reference(rpc.output)) },
      default: { $ref: '#/components/responses/Error' },
    },
  };
}

function parametersOf(route: HttpRoute, fields: readonly DescField[], schemas: Schemas): JsonSchema {
  const parameters = [
    ...route.pathFields.map((field) => parameter(field, 'path', schemas)),
    ...(route.hasBody ? [] : fields.map((field) => parameter(field, 'query', schemas))),
  ];
  return parameters.length > 0 ? { parameters } : {};
}

function parameter(field: DescField, place: 'path' | 'query', schemas: Schemas): JsonSchema {
  const { description, ...schema } = schemas.field(field);
  return {
    name: field.jsonName,
    in: place,
    required: place === 'path' || isRequired(field),
    ...(description !== undefined && { description }),
    schema,
  };
}

function securityOf({ access }: HttpRoute): JsonSchema[] {
  if (access.public) return [];
  return [...(access.user ? [{ accessToken: [] }] : []), ...(access.apiKey ? [{ apiKey: [] }] : [])];
}

function json(schema: JsonSchema): JsonSchema {
  return { 'application/json': { schema } };
}

/** `BatchGetUsers` as `Batch get users`. */
function inWords(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
