import type { MessageInitShape } from '@bufbuild/protobuf';
import { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { ControlRecordSchema } from '@im/common/gen/im/chat/v1/control_pb.ts';
import {
  type GroupSchema,
  HistoryPolicy_Value,
  JoinPolicy_Value,
  Role_Value,
} from '@im/common/gen/im/group/v1/group_pb.ts';
import { random53 } from '@im/common/utils/random-id.ts';
import type { Person } from './people.ts';
import type { Product } from './product.ts';

type Kind = NonNullable<MessageInitShape<typeof ControlRecordSchema>['kind']>;

/** A group as group-service would write it into the log: membership is decided there alone. */
export interface Group {
  readonly conversationId: string;
  /** The version of the last change. */
  readonly version: number;
  /** Appends the next version, or the one given. */
  append(by: Person, kinds: Kind[], version?: number): Promise<void>;
  /** Opens a span for each from the first event on, or from this one. */
  add(by: Person, people: Person[], history?: 'ALL' | 'FROM_JOIN'): Promise<void>;
  remove(by: Person, people: Person[]): Promise<void>;
  leave(who: Person): Promise<void>;
  update(by: Person, changes: MessageInitShape<typeof GroupSchema>): Promise<void>;
  setRole(by: Person, who: Person, role: 'OWNER' | 'ADMIN' | 'MEMBER'): Promise<void>;
  mute(by: Person, who: Person, until: string): Promise<void>;
  dismiss(by: Person): Promise<void>;
}

/** Makes a group: its owner, and members who see everything. */
export async function makeGroup(product: Product, owner: Person, members: Person[]): Promise<Group> {
  const chat = product.server.client(ChatService, 'group-service');
  const groupId = random53();
  const conversationId = `g:${groupId}`;
  let version = 0;

  const addition = (by: Person, people: Person[], history: 'ALL' | 'FROM_JOIN', role: Role_Value): Kind => ({
    case: 'addMembers',
    value: {
      uids: people.map(({ uid }) => uid),
      inviterUid: by.uid,
      role,
      history: HistoryPolicy_Value[history],
    },
  });

  const group: Group = {
    conversationId,
    get version() {
      return version;
    },
    async append(by, kinds, given) {
      const records = kinds.map((kind) => ({ actorUid: by.uid, at: new Date().toISOString(), kind }));
      await chat.appendEvents({ conversationId, version: given ?? version + 1, records });
      version = Math.max(version, given ?? version + 1);
    },
    add: (by, people, history = 'ALL') =>
      group.append(by, [addition(by, people, history, Role_Value.MEMBER)]),
    remove: (by, people) =>
      group.append(by, [{ case: 'removeMembers', value: { uids: people.map(({ uid }) => uid) } }]),
    leave: (who) => group.append(who, [{ case: 'removeMembers', value: { uids: [who.uid], left: true } }]),
    update: (by, changes) =>
      group.append(by, [
        {
          case: 'updateGroup',
          value: {
            group: {
              groupId,
              conversationId,
              name: 'the group',
              ownerUid: owner.uid,
              joinPolicy: JoinPolicy_Value.INVITE_ONLY,
              historyPolicy: HistoryPolicy_Value.ALL,
              createdAt: new Date().toISOString(),
              ...changes,
            },
          },
        },
      ]),
    setRole: (by, who, role) =>
      group.append(by, [{ case: 'updateMember', value: { uid: who.uid, role: Role_Value[role] } }]),
    mute: (by, who, until) =>
      group.append(by, [{ case: 'updateMember', value: { uid: who.uid, mutedUntil: until } }]),
    dismiss: (by) => group.append(by, [{ case: 'dismissGroup', value: {} }]),
  };
  const made = [addition(owner, [owner], 'ALL', Role_Value.OWNER)];
  if (members.length > 0) made.push(addition(owner, members, 'ALL', Role_Value.MEMBER));
  await group.append(owner, made);
  return group;
}
