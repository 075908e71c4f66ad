import { ImError } from '@im/common/errors/im-error.ts';
import type { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import { expect, test } from 'vitest';
import { createApiKeyCheck } from './api-keys.ts';

/** user-service as seen from here: keys that are good, and how often it was asked. */
function userServiceWith(keys: Set<string>) {
  const asked: string[] = [];
  const client = {
    async verifyApiKey({ key = '' }) {
      asked.push(key);
      if (!keys.has(key)) throw new ImError('API_KEY_INVALID', 'not a key');
      return { keyId: `id of ${key}`, scopes: ['users'] };
    },
  };
  return { asked, client: client as unknown as RpcClient<typeof UserService> };
}

test('a good key is believed for less than a second, so that a revoked one is out within two', async () => {
  let now = 1_000_000;
  const keys = new Set(['imk_a']);
  const user = userServiceWith(keys);
  const check = createApiKeyCheck(user.client, () => now);
  expect(await check('imk_a', {})).toEqual({ kind: 'apiKey', keyId: 'id of imk_a', scopes: ['users'] });
  keys.delete('imk_a');
  now += 999;
  await check('imk_a', {});
  expect(user.asked).toEqual(['imk_a']);
  now += 1;
  await expect(check('imk_a', {})).rejects.toMatchObject({ reason: 'API_KEY_INVALID' });
});

test('a clock set back does not keep a key good', async () => {
  let now = 1_000_000;
  const keys = new Set(['imk_a']);
  const check = createApiKeyCheck(userServiceWith(keys).client, () => now);
  await check('imk_a', {});
  keys.delete('imk_a');
  now -= 60_000;
  await expect(check('imk_a', {})).rejects.toMatchObject({ reason: 'API_KEY_INVALID' });
});

test('a bad key is asked for again each time', async () => {
  const keys = new Set<string>();
  const check = createApiKeyCheck(userServiceWith(keys).client, () => 0);
  await expect(check('imk_a', {})).rejects.toMatchObject({ reason: 'API_KEY_INVALID' });
  keys.add('imk_a');
  await expect(check('imk_a', {})).resolves.toMatchObject({ kind: 'apiKey' });
});
