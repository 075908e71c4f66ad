import type { MessageInitShape } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import {
  AuthService,
  type CreateSessionRequest,
  type CreateSessionResponseSchema,
  type RevokeUserSessionsRequest,
} from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { type AppendEventsRequest, ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { bindRpc, type RpcBinding, type RpcHandlers } from '@im/common/rpc/types.ts';
import type { ServiceModule } from '@im/common/service/module.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import { z } from 'zod';

const NO_SETTINGS = z.strictObject({});

/** Stands where auth-service would: opens sessions as asked and keeps what it was told. */
export function standInAuth() {
  const opened: CreateSessionRequest[] = [];
  const revoked: RevokeUserSessionsRequest[] = [];
  const stand = {
    opened,
    revoked,
    away: false,
    /** Happens while a login waits for its session. */
    whileOpening: async () => {},
    module: moduleOf('auth-service', () => bindRpc(AuthService, handlers)),
  };
  const handlers = {
    async createSession(
      request: CreateSessionRequest,
    ): Promise<MessageInitShape<typeof CreateSessionResponseSchema>> {
      refuseWhile(stand.away);
      await stand.whileOpening();
      opened.push(request);
      const sessionId = `session-${opened.length}`;
      return { tokens: { accessToken: `access-${sessionId}` }, session: { sessionId } };
    },
    async revokeUserSessions(request: RevokeUserSessionsRequest) {
      refuseWhile(stand.away);
      revoked.push(request);
      return {};
    },
  } as unknown as RpcHandlers<typeof AuthService>;
  return stand;
}

/** Stands where chat-service would, and keeps what it was told, in order. */
export function standInChat() {
  const appended: AppendEventsRequest[] = [];
  const handlers = {
    async appendEvents(request: AppendEventsRequest) {
      refuseWhile(stand.away);
      appended.push(request);
      return {};
    },
  } as unknown as RpcHandlers<typeof ChatService>;
  const stand = {
    appended,
    away: false,
    module: moduleOf('chat-service', () => bindRpc(ChatService, handlers)),
    /** What it was told of an account, as versions and what each says. */
    toldOf: (uid: string) =>
      appended
        .filter(({ conversationId }) => conversationId === `n:${uid}`)
        .map(({ version, records }) => [version, ...records.map(({ kind }) => kind.case)]),
  };
  return stand;
}

function moduleOf(name: ServiceName, binding: () => RpcBinding): ServiceModule<typeof NO_SETTINGS> {
  return {
    name,
    config: NO_SETTINGS,
    create: async () => ({ rpc: [binding()], stop: async () => {} }),
  };
}

function refuseWhile(away: boolean): void {
  if (away) throw new ImError('SERVICE_AWAY', 'away');
}
