import { expect, test } from 'vitest';
import { httpRoutesOf } from '../routes/http-route.ts';
import { HTTP_SERVICES } from '../routes/services.ts';
import { readComments } from './comments.ts';
import { openApiDocument } from './document.ts';

const routes = httpRoutesOf(HTTP_SERVICES);
// biome-ignore lint/suspicious/noExplicitAny: any JSON
const document = openApiDocument(routes, readComments(), '1.2.3') as any;

test('names every route once', () => {
  const listed = Object.entries<object>(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(listed.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
});

test('every reference leads somewhere and every operation has a name of its own', () => {
  const text = JSON.stringify(document);
  for (const [, path] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const target = path!.split('/').reduce((node, key) => node?.[key], document);
    expect(target, path).toBeDefined();
  }
  const ids = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(routes.length);
});

test('fields of the path are parameters, not part of the body', () => {
  const { parameters, requestBody } =
    document.paths['/v1/conversations/{conversationId}/messages/{seq}'].patch;
  expect(parameters.map((parameter: { name: string }) => parameter.name)).toEqual(['conversationId', 'seq']);
  const { schema } = requestBody.content['application/json'];
  expect(Object.keys(schema.properties)).toEqual(['clientMsgId', 'content']);
  expect(schema.required).toEqual(['clientMsgId', 'content']);
  expect(schema.additionalProperties).toBe(false);
});

test('constraints of the contract are shown', () => {
  const account = document.paths['/v1/users'].post.requestBody.content['application/json'].schema;
  expect(account.properties.password).toMatchObject({ type: 'string', minLength: 8, maxLength: 128 });
  expect(account.required).toEqual(['username', 'password']);
  const uids = document.paths['/v1/users/batch-get'].post.requestBody.content['application/json'].schema;
  expect(uids.properties.uids).toMatchObject({
    type: 'array',
    maxItems: 200,
    items: { type: 'string', pattern: '^[1-9][0-9]{0,15}$' },
  });
  const { parameters } = document.paths['/v1/sync'].get;
  expect(parameters[1]).toMatchObject({ name: 'limit', in: 'query', required: false });
  expect(parameters[1].schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 5_000 });
});

test('a patch takes at least one key, and null clears', () => {
  const { schema } = document.paths['/v1/me'].patch.requestBody.content['application/json'];
  expect(schema.minProperties).toBe(1);
  expect(schema.properties.bio.type).toEqual(['string', 'null']);
  expect(Object.keys(schema.properties)).not.toContain('updateMask');
});

test('enums are their names, without UNSPECIFIED; 64 bits are text; one kind of content at a time', () => {
  const { schemas } = document.components;
  expect(schemas.Device.properties.platform.enum).toContain('MINIPROGRAM');
  expect(JSON.stringify(document)).not.toContain('UNSPECIFIED');
  expect(schemas.ImageContent.properties.size).toMatchObject({ type: 'string' });
  expect(schemas.Content.oneOf).toContainEqual({ required: ['text'] });
  expect(schemas.Message.required).toContain('asOfSeq');
  expect(schemas.Message.required).not.toContain('editedAt');
});

test('says who may call', () => {
  expect(document.paths['/v1/config'].get.security).toEqual([]);
  expect(document.paths['/v1/me'].get.security).toEqual([{ accessToken: [] }]);
  expect(document.paths['/v1/admin/tokens'].post.security).toEqual([{ apiKey: [] }]);
  expect(document.paths['/v1/admin/tokens'].post.description).toContain('scope `tokens`');
});

test('carries the comments of the contracts', () => {
  expect(document.paths['/v1/config'].get.description).toContain('before it signs in');
  expect(document.components.schemas.Message.properties.asOfSeq.description).toContain('up to this seq');
  expect(document.info.version).toBe('1.2.3');
});
