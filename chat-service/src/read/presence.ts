import type { MessageInitShape } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import type { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import type { PresenceSchema } from '@im/common/gen/im/presence/v1/presence_pb.ts';
import type { DeviceLocations } from '@im/common/presence/device-locations.ts';
import { OFFLINE, presenceFields, presenceState } from '@im/common/presence/presence-state.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { Logger } from '@im/common/telemetry/log.ts';

/** How long an answer waits for auth-service before it goes out without times. Milliseconds. */
const TIMEOUT_MS = 500;

/** Who is there, and when the others were last seen. Whom it may be shown to is not decided here. */
export interface PresenceReader {
  /** In the order asked. Throws STORE_AWAY where the devices cannot be found. */
  read(uids: readonly string[], within: CallContext): Promise<MessageInitShape<typeof PresenceSchema>[]>;
}

export function createPresenceReader(options: {
  locations: DeviceLocations;
  auth: Pick<RpcClient<typeof AuthService>, 'batchGetLastSeen'>;
  log: Logger;
}): PresenceReader {
  const { locations, auth, log } = options;

  async function find(uids: readonly string[]) {
    try {
      return await locations.find(uids);
    } catch (error) {
      log.warn({ err: error }, 'presence cannot be told: the devices cannot be found');
      throw new ImError('STORE_AWAY', 'presence cannot be told at the moment');
    }
  }

  /** Nothing while auth-service is away: that somebody is offline is worth telling without. */
  async function lastSeen(uids: readonly string[], within: CallContext): Promise<Map<string, string>> {
    if (uids.length === 0) return new Map();
    try {
      const { seen } = await auth.batchGetLastSeen({ uids: [...uids] }, { within, timeoutMs: TIMEOUT_MS });
      return new Map(seen.map(({ uid, at }) => [uid, at]));
    } catch (error) {
      log.debug({ err: error }, 'presence is told without times: auth-service does not answer');
      return new Map();
    }
  }

  return {
    async read(uids, within) {
      const found = await find(uids);
      const states = uids.map((uid) => ({ uid, state: presenceState(found.get(uid)) }));
      const offline = states.filter(({ state }) => state === OFFLINE).map(({ uid }) => uid);
      const seen = await lastSeen(offline, within);
      return states.map(({ uid, state }) => ({ uid, ...presenceFields(state), lastSeenAt: seen.get(uid) }));
    },
  };
}
