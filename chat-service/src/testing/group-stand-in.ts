import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import { type Group, GroupSchema } from '@im/common/gen/im/group/v1/group_pb.ts';
import { GroupService } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { bindRpc, type RpcHandlers } from '@im/common/rpc/types.ts';
import type { ServiceModule } from '@im/common/service/module.ts';
import { z } from 'zod';

/** group-service as chat-service sees it: it knows the groups that a test puts there. */
export interface GroupStandIn {
  readonly module: ServiceModule;
  /** Calls are refused while it is away. */
  away: boolean;
  /** How often it was asked. */
  asked: number;
  /** After it looked and before it answers. */
  beforeAnswer: () => Promise<void>;
  put(group: MessageInitShape<typeof GroupSchema>): Group;
}

export function groupStandIn(): GroupStandIn {
  const groups = new Map<string, Group>();
  const handlers: Partial<RpcHandlers<typeof GroupService>> = {
    async batchGetGroups({ groupIds }) {
      standIn.asked++;
      if (standIn.away) throw new ImError('SERVICE_AWAY', 'not there');
      const answer = { groups: groupIds.flatMap((groupId) => groups.get(groupId) ?? []) };
      await standIn.beforeAnswer();
      return answer;
    },
  };
  const standIn: GroupStandIn = {
    module: {
      name: 'group-service',
      config: z.strictObject({}),
      create: async () => ({
        rpc: [bindRpc(GroupService, handlers as RpcHandlers<typeof GroupService>)],
        stop: async () => {},
      }),
    },
    away: false,
    asked: 0,
    beforeAnswer: async () => {},
    put(init) {
      const group = create(GroupSchema, init);
      groups.set(group.groupId, group);
      return group;
    },
  };
  return standIn;
}
