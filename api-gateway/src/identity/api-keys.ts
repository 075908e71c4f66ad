import type { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { CallOptions, RpcClient, SpokenFor } from '@im/common/rpc/types.ts';
import { LRUCache } from 'lru-cache';

/** A revoked key is out within 2 s: this, and the time of a call. */
const KNOWN_FOR_MS = 1_000;

/** Keys are few; made-up ones are never kept. */
const KEYS_KEPT = 1_000;

/** Says which API key a secret is. Throws API_KEY_INVALID, or an UNAVAILABLE reason while that cannot be known. */
export type CheckApiKey = (secret: string, options: CallOptions) => Promise<SpokenFor>;

/** Asks user-service, and believes a good answer for a second. */
export function createApiKeyCheck(user: RpcClient<typeof UserService>, now: () => number): CheckApiKey {
  const known = new LRUCache<string, { askedAt: number; key: SpokenFor }>({ max: KEYS_KEPT });
  return async (secret, options) => {
    const askedAt = now();
    const entry = known.get(secret);
    // Absolute, so that a clock set back does not keep a key for ever.
    if (entry && Math.abs(askedAt - entry.askedAt) < KNOWN_FOR_MS) return entry.key;
    const { keyId, scopes } = await user.verifyApiKey({ key: secret }, options);
    const key: SpokenFor = { kind: 'apiKey', keyId, scopes };
    known.set(secret, { askedAt, key });
    return key;
  };
}
