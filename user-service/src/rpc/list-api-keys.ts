import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ListApiKeysRequest,
  ListApiKeysResponseSchema,
} from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { decodePageToken, encodePageToken, pageSizeOf } from '@im/common/utils/page-token.ts';
import { z } from 'zod';
import type { UserContext } from '../context.ts';
import { apiKeyView } from '../domain/api-key-view.ts';
import { listApiKeyRows } from '../store/api-key.ts';

const position = z.strictObject({ createdAt: z.int(), keyId: z.string() });

/** The keys of the server API, the oldest first. */
export async function listApiKeys(
  { database }: UserContext,
  request: ListApiKeysRequest,
): Promise<MessageInitShape<typeof ListApiKeysResponseSchema>> {
  const pageSize = pageSizeOf(request.pageSize);
  const after = request.pageToken === '' ? undefined : decodePageToken(request.pageToken, position);
  // One more than shown tells whether there is a next page.
  const rows = await listApiKeyRows(database.read, { after, limit: pageSize + 1 });
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  return {
    apiKeys: shown.map(apiKeyView),
    nextPageToken:
      last && rows.length > pageSize
        ? encodePageToken({ createdAt: last.created_at, keyId: last.key_id })
        : '',
  };
}
