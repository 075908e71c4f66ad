import type { DescMessage } from '@bufbuild/protobuf';
import { chatService } from '@im/chat-service';
import { friendService } from '@im/friend-service';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpRoutesOf } from './routes/http-route.ts';
import { HTTP_SERVICES } from './routes/services.ts';
import { API_KEY, startGateway, type TestGateway } from './testing/start-gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({}, { more: [friendService, chatService] });
});
afterAll(() => gateway.stop());

const routes = httpRoutesOf(HTTP_SERVICES).filter(({ hasBody }) => hasBody);

/** Names that the message knows, at any depth, so that random objects get past its door. */
function fieldNames(message: DescMessage, depth = 3): string[] {
  if (depth === 0) return [];
  return message.fields.flatMap((field) => [
    field.jsonName,
    field.name,
    ...(field.message ? fieldNames(field.message, depth - 1) : []),
  ]);
}

function bodiesFor(message: DescMessage): fc.Arbitrary<unknown> {
  const key = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...fieldNames(message), 'x') },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', '$typeName', '$unknown'),
    },
  );
  const leaf = fc.oneof(
    fc.constantFrom(null, true, 0, -1, 2 ** 53, '', 'WEB', '1', 'u:1', 's:1:2', '\ud800', '\0'),
    fc.string({ unit: 'binary' }),
    fc.double(),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
    ),
  }));
  return fc.oneof(tree, fc.dictionary(key, tree, { maxKeys: 5 }));
}

test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
  'random bodies to %s are answered or refused, never a crash',
  async (_name, route) => {
    const path = route.path.replace('{seq}', '1').replace(/\{\w+\}/g, '7');
    // A user each: to sign out is among what is tried.
    const { accessToken } = await gateway.signUp(route.rpc.name);
    await fc.assert(
      fc.asyncProperty(bodiesFor(route.rpc.input), async (body) => {
        const { status, headers, json } = await gateway.request(`${route.method} ${path}`, {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
          token: route.access.apiKey ? API_KEY : accessToken,
        });
        if (status === 200) return;
        expect(json.error, JSON.stringify(body)).toEqual({
          code: status,
          status: expect.stringMatching(/^[A-Z_]+$/),
          reason: expect.stringMatching(/^[A-Z_]+$/),
          message: expect.any(String),
          metadata: expect.any(Object),
          requestId: headers.get('x-request-id'),
        });
        expect([500, 501], JSON.stringify(body)).not.toContain(status);
      }),
      { numRuns: 100 },
    );
  },
);

test('settings may be nested, up to a bound that is told', async () => {
  const { accessToken: token } = await gateway.signUp('nested');
  const nested = async (depth: number) => {
    const body = `{"settings":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;
    const { status, json } = await gateway.request('PATCH /v1/me', { token, body });
    return status === 200 ? 'taken' : json.error.reason;
  };
  expect(await nested(32)).toBe('taken');
  expect(await nested(33)).toBe('INVALID_FIELD');
  expect(await nested(100_000)).toBe('MALFORMED_BODY');
});
