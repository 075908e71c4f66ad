import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ApiKeySchema } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { ApiKeyRow } from '../store/api-key.ts';
import { splitScopes } from './api-key-format.ts';

/** A key as it is listed: everything but the key itself. */
export function apiKeyView(row: ApiKeyRow): MessageInitShape<typeof ApiKeySchema> {
  return {
    keyId: row.key_id,
    name: row.name,
    scopes: splitScopes(row.scopes),
    createdAt: new Date(row.created_at).toISOString(),
  };
}
