import { afterAll, beforeAll, expect, test } from 'vitest';
import { person } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { type Asker, askerOf, expectError } from './support/refusals.ts';

let product: Product;
let asAnn: Asker;
beforeAll(async () => {
  product = await startProduct();
  asAnn = askerOf(product, await person(product, 'ann'));
});
afterAll(() => product.stop());

test('pages of allowed origins may read answers, also refusals; those of others may not', async () => {
  const own = product.server.httpUrl;
  for (const origin of [own, 'http://localhost:5173']) {
    for (const line of ['GET /v1/config', 'GET /v1/nothing', 'GET /v1/users/abc']) {
      const { headers } = await asAnn(line, undefined, { headers: { origin } });
      expect(headers.get('access-control-allow-origin')).toBe(origin);
      expect(headers.get('access-control-expose-headers')).toContain('X-Request-Id');
      expect(headers.get('access-control-expose-headers')).toContain('Retry-After');
      expect(headers.get('vary')).toContain('Origin');
    }
    const preflight = await asAnn('OPTIONS /v1/me', undefined, {
      headers: {
        origin,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');
    expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization');
  }
  for (const origin of ['https://elsewhere.example', 'null']) {
    const read = await asAnn('GET /v1/me', undefined, { headers: { origin } });
    expect(read.headers.get('access-control-allow-origin')).toBeNull();
    const change = asAnn('PATCH /v1/me', { bio: 'hacked' }, { headers: { origin } });
    await expectError(change, 403, 'ORIGIN_NOT_ALLOWED');
  }
  expect((await asAnn('GET /v1/me')).json.user.bio).not.toBe('hacked');
});
