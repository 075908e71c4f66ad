import { create, type DescMessage, type MessageInitShape, toJson } from '@bufbuild/protobuf';
import { SyncResponseSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { ConversationKind_Value } from '@im/common/gen/im/chat/v1/conversation_pb.ts';
import { JoinPolicy_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import {
  GetGroupResponseSchema,
  ListGroupsResponseSchema,
} from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { GetMeResponseSchema } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { expect, test } from 'vitest';
import { unspecifiedRemover } from './without-unspecified.ts';

function printed<Desc extends DescMessage>(desc: Desc, init: MessageInitShape<Desc>): unknown {
  const json = toJson(desc, create(desc, init), { alwaysEmitImplicit: true });
  unspecifiedRemover(desc)(json);
  return json;
}

test('an enum that says nothing is left out, everything else that is empty is printed', () => {
  expect(printed(GetGroupResponseSchema, { group: { name: 'UNSPECIFIED', joinPolicy: 1 } })).toEqual({
    group: {
      groupId: '',
      conversationId: '',
      name: 'UNSPECIFIED',
      avatarUrl: '',
      announcement: '',
      ownerUid: '',
      memberCount: 0,
      joinPolicy: 'OPEN',
      muteAll: false,
      createdAt: '',
    },
  });
});

test('in lists too, and deep inside', () => {
  const groups = [{}, { joinPolicy: JoinPolicy_Value.APPROVAL }];
  const list = printed(ListGroupsResponseSchema, { groups }) as { groups: object[] };
  expect(list.groups[0]).not.toHaveProperty('joinPolicy');
  expect(list.groups[1]).toHaveProperty('joinPolicy', 'APPROVAL');
  const event = { kind: { case: 'groupUpdated', value: { group: {} } } } as const;
  const conversations = [{ kind: ConversationKind_Value.GROUP, events: [event] }];
  const sync = printed(SyncResponseSchema, { conversations }) as {
    conversations: { kind: string; events: { groupUpdated: { group: object } }[] }[];
  };
  expect(sync.conversations[0]?.kind).toBe('GROUP');
  expect(sync.conversations[0]?.events[0]?.groupUpdated.group).not.toHaveProperty('historyPolicy');
});

test('what people keep in their settings stays as it is', () => {
  const settings = { role: 'UNSPECIFIED', list: ['UNSPECIFIED'] };
  expect(printed(GetMeResponseSchema, { user: { settings } })).toMatchObject({ user: { settings } });
});
