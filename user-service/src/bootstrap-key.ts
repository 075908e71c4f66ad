import { retryLostRace } from '@im/common/database/retry-lost-race.ts';
import type { UserContext } from './context.ts';
import { ALL_SCOPES, apiKeyHash, joinScopes } from './domain/api-key-format.ts';
import { deleteApiKeyRow, findApiKey, insertApiKey } from './store/api-key.ts';

/** Both its id and its name: there is one. */
const BOOTSTRAP_KEY = 'bootstrap';

/**
 * Makes the configured first key of the server API good, with all scopes; one
 * that was configured before is good no more. Without one configured, keys stay
 * as they are.
 */
export async function ensureBootstrapKey({ config, database, now }: UserContext): Promise<void> {
  if (config.adminKey === undefined) return;
  const keyHash = apiKeyHash(config.adminKey);
  await retryLostRace(() =>
    database.transaction(async (trx) => {
      const known = await findApiKey(trx, BOOTSTRAP_KEY);
      if (known?.key_hash === keyHash) return;
      if (known) await deleteApiKeyRow(trx, BOOTSTRAP_KEY);
      await insertApiKey(trx, {
        key_id: BOOTSTRAP_KEY,
        name: BOOTSTRAP_KEY,
        key_hash: keyHash,
        scopes: joinScopes(ALL_SCOPES),
        created_at: now(),
      });
    }),
  );
}
