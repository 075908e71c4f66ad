import { invalidField } from '@im/common/errors/im-error.ts';
import type { CreateSessionRequest } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import type { AuthContext } from '../context.ts';
import { openSession } from '../session/open-session.ts';

/**
 * Signs in a device whose user has just proved who they are.
 *
 * @NOTE The caller must look at the account once more after this: one that was disabled between its
 * first look and this call keeps a session that the sign-out was too early to see.
 */
export async function createSession(context: AuthContext, { uid, device, address }: CreateSessionRequest) {
  if (!device) throw invalidField('device', 'is required');
  return openSession(context, { uid, device, address });
}
