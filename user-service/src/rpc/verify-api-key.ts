import { timingSafeEqual } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import type {
  VerifyApiKeyRequest,
  VerifyApiKeyResponseSchema,
} from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { UserContext } from '../context.ts';
import { apiKeyHash, splitScopes } from '../domain/api-key-format.ts';
import { findByHash } from '../store/api-key.ts';

/** Which key a presented secret is, and what it is good for. */
export async function verifyApiKey(
  { database }: UserContext,
  { key }: VerifyApiKeyRequest,
): Promise<MessageInitShape<typeof VerifyApiKeyResponseSchema>> {
  // Found by its hash, which nobody can steer: how long the look-up takes says
  // nothing about the key.
  const keyHash = apiKeyHash(key);
  const row = await findByHash(database.read, keyHash);
  if (!row || !timingSafeEqual(Buffer.from(row.key_hash), Buffer.from(keyHash))) {
    throw new ImError('API_KEY_INVALID', 'this API key is unknown or was revoked');
  }
  return { keyId: row.key_id, scopes: splitScopes(row.scopes) };
}
