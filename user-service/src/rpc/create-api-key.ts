import type { MessageInitShape } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import type {
  CreateApiKeyRequest,
  CreateApiKeyResponseSchema,
} from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { UserContext } from '../context.ts';
import { apiKeyHash, joinScopes, newApiKey } from '../domain/api-key-format.ts';
import { apiKeyView } from '../domain/api-key-view.ts';
import { parseText } from '../domain/profile-text.ts';
import { insertApiKey } from '../store/api-key.ts';

/** Makes a key of the server API. A key makes keys of its own scopes only, else it could give itself more. */
export async function createApiKey(
  { database, now }: UserContext,
  { name, scopes }: CreateApiKeyRequest,
  { caller }: CallContext,
): Promise<MessageInitShape<typeof CreateApiKeyResponseSchema>> {
  const held = caller.kind === 'apiKey' ? caller.scopes : [];
  const missing = scopes.find((scope) => !held.includes(scope));
  if (missing !== undefined) {
    throw new ImError('SCOPE_REQUIRED', 'a key can only give scopes that it has', { scope: missing });
  }
  const { keyId, key } = newApiKey();
  const row = {
    key_id: keyId,
    name: parseText('name', name),
    key_hash: apiKeyHash(key),
    scopes: joinScopes(scopes),
    created_at: now(),
  };
  await database.transaction((trx) => insertApiKey(trx, row));
  return { apiKey: apiKeyView(row), key };
}
