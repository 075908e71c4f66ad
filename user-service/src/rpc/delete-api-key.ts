import type { MessageInitShape } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import type {
  DeleteApiKeyRequest,
  DeleteApiKeyResponseSchema,
} from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { UserContext } from '../context.ts';
import { deleteApiKeyRow } from '../store/api-key.ts';

/** Ends a key of the server API. */
export async function deleteApiKey(
  { database }: UserContext,
  { keyId }: DeleteApiKeyRequest,
): Promise<MessageInitShape<typeof DeleteApiKeyResponseSchema>> {
  if (!(await database.transaction((trx) => deleteApiKeyRow(trx, keyId)))) {
    throw new ImError('API_KEY_NOT_FOUND', 'there is no such API key');
  }
  return {};
}
