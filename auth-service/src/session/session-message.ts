import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SessionSchema } from '@im/common/gen/im/session/v1/session_pb.ts';
import type { NewSession } from './sessions.ts';

/** A session as its owner sees it; `currentSessionId` is the one that asks. */
export function sessionMessage(
  session: NewSession,
  currentSessionId: string,
): MessageInitShape<typeof SessionSchema> {
  return {
    sessionId: session.sessionId,
    deviceId: session.deviceId,
    platform: session.platform,
    name: session.name,
    createdAt: new Date(session.createdAt).toISOString(),
    lastSeenAt: new Date(session.lastSeenAt).toISOString(),
    address: session.address,
    current: session.sessionId === currentSessionId,
    // @TODO ask the device locations once presence exists.
    online: false,
  };
}
