import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SessionSchema } from '@im/common/gen/im/session/v1/session_pb.ts';
import type { NewSession } from './sessions.ts';

/** A session as its owner sees it: whether it is the one that asks, and whether it has a socket. */
export function sessionMessage(
  session: NewSession,
  { current, online }: { current: boolean; online: boolean },
): MessageInitShape<typeof SessionSchema> {
  return {
    sessionId: session.sessionId,
    deviceId: session.deviceId,
    platform: session.platform,
    name: session.name,
    createdAt: new Date(session.createdAt).toISOString(),
    lastSeenAt: new Date(session.lastSeenAt).toISOString(),
    address: session.address,
    current,
    online,
  };
}
