import type { DescMessage, DescMethod, MessageInitShape } from '@bufbuild/protobuf';
import { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { JoinPolicy_Value, Role_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import { GroupService } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import type { MessageInit } from '@im/common/rpc/message-init.ts';
import { methodName } from '@im/common/rpc/method-name.ts';
import { type Kind, MEMBERS, type Scene, type Setting, SIGNED_IN, type SignedIn } from './group-scene.ts';
import type { Outcome } from './row.ts';
import { named, text } from './rows/common.ts';

const { method: group } = GroupService;
const { method: chat } = ChatService;

export interface GroupRow {
  readonly method: string;
  /** What is tried. */
  readonly title: string;
  readonly setting: Setting;
  readonly request: (scene: Scene, kind: SignedIn) => MessageInit;
  readonly outcomes: Readonly<Record<Kind, Outcome>>;
}

type Outcomes = Readonly<Record<SignedIn, Outcome>>;

function row<I extends DescMessage>(
  method: DescMethod & { readonly input: I },
  title: string,
  outcomes: Outcomes,
  request: (scene: Scene, kind: SignedIn) => MessageInitShape<I>,
  setting: Setting = {},
): GroupRow {
  const everybody = { nobody: 'SIGN_IN_REQUIRED', ...outcomes } as const;
  return { method: methodName(method), title, setting, request, outcomes: everybody };
}

function each(kinds: readonly SignedIn[], outcome: Outcome): Partial<Outcomes> {
  return Object.fromEntries(kinds.map((kind) => [kind, outcome]));
}

/** To who is no member there is no such group. */
const UNSEEN = { outsider: 'GROUP_NOT_FOUND', former: 'GROUP_NOT_FOUND' } as const;
const all = (outcome: Outcome) => each(SIGNED_IN, outcome) as Outcomes;
const members = (outcome: Outcome, others: Partial<Outcomes> = {}): Outcomes =>
  ({ ...UNSEEN, ...each(MEMBERS, outcome), ...others }) as Outcomes;
/** Those who lead; a mute says nothing about what one may do but speak. */
const leaders = (others: Partial<Outcomes> = {}): Outcomes =>
  members('ROLE_REQUIRED', { admin: 'ok', owner: 'ok', ...others });
const ownerOnly = (others: Partial<Outcomes> = {}): Outcomes =>
  members('ROLE_REQUIRED', { owner: 'ok', ...others });

const ofGroup = ({ groupId }: Scene) => ({ groupId });
const uidOf = (who: keyof Scene['cast']) => (scene: Scene) => ({
  groupId: scene.groupId,
  uid: scene.cast[who].uid,
});
const update = (who: keyof Scene['cast'], changes: object, path: string) => (scene: Scene) => ({
  ...uidOf(who)(scene),
  ...changes,
  updateMask: { paths: [path] },
});
const ofRequest = ({ groupId, requestId }: Scene) => ({ groupId, requestId });
const OPEN = { joinPolicy: 'OPEN' } as const;
const APPROVAL = { joinPolicy: 'APPROVAL' } as const;
const DISMISSED = { dismissed: true } as const;
const UNTIL = '2999-01-01T00:00:00.000Z';
const promote = update('bystander', { role: Role_Value.ADMIN }, 'role');
const rename = (scene: Scene) => ({ groupId: scene.groupId, name: 'x', updateMask: { paths: ['name'] } });

const GROUP_ROWS: GroupRow[] = [
  row(group.createGroup, 'a group of their own', all('ok'), () => ({ name: 'mine' })),
  row(group.listGroups, 'their own', all('ok'), () => ({})),
  row(group.getGroup, 'by invitation only', members('ok'), ofGroup),
  row(group.getGroup, 'open to all', all('ok'), ofGroup, OPEN),
  row(group.getGroup, 'that approves', all('ok'), ofGroup, APPROVAL),
  row(group.getGroup, 'dismissed', all('GROUP_NOT_FOUND'), ofGroup, DISMISSED),
  row(group.batchGetGroups, 'by id', all('ACCESS_DENIED'), ({ groupId }) => ({ groupIds: [groupId] })),
  row(group.updateGroup, 'its name', leaders(), rename),
  row(group.updateGroup, 'who may join', leaders(), ({ groupId }) => ({
    groupId,
    joinPolicy: JoinPolicy_Value.OPEN,
    updateMask: { paths: ['join_policy'] },
  })),
  row(group.updateGroup, 'open to all', leaders(), rename, OPEN),
  row(group.updateGroup, 'dismissed', all('GROUP_NOT_FOUND'), rename, DISMISSED),
  row(group.dismissGroup, 'it', ownerOnly(), ofGroup),
  row(group.dismissGroup, 'again', { ...all('GROUP_NOT_FOUND'), owner: 'ok' }, ofGroup, DISMISSED),
  row(group.listMembers, 'of it', members('ok'), ofGroup),
  row(group.listMembers, 'of an open one', members('ok'), ofGroup, OPEN),
  row(group.inviteMembers, 'a friend', members('ok'), ({ groupId, cast }) => ({
    groupId,
    uids: [cast.friend.uid],
  })),
  row(group.inviteMembers, 'a stranger', members('INVITE_NOT_ALLOWED'), ({ groupId, cast }, kind) => ({
    groupId,
    uids: [kind === 'outsider' ? cast.former.uid : cast.outsider.uid],
  })),
  row(group.inviteMembers, 'oneself back', members('ok'), ({ groupId, cast }, kind) => ({
    groupId,
    uids: [cast[kind].uid],
  })),
  row(group.updateMember, 'make a member an admin', ownerOnly(), promote),
  row(
    group.updateMember,
    'make an admin a member',
    ownerOnly(),
    update('deputy', { role: Role_Value.MEMBER }, 'role'),
  ),
  row(
    group.updateMember,
    'make oneself an admin',
    ownerOnly({ owner: 'OWNER_MUST_TRANSFER' }),
    (scene, kind) => update(kind, { role: Role_Value.ADMIN }, 'role')(scene),
  ),
  row(
    group.updateMember,
    'mute a member',
    leaders(),
    update('bystander', { mutedUntil: UNTIL }, 'muted_until'),
  ),
  row(
    group.updateMember,
    'mute an admin',
    ownerOnly(),
    update('deputy', { mutedUntil: UNTIL }, 'muted_until'),
  ),
  row(
    group.updateMember,
    'mute the owner',
    members('ROLE_REQUIRED'),
    update('owner', { mutedUntil: UNTIL }, 'muted_until'),
  ),
  row(group.updateMember, 'unmute oneself', members('ROLE_REQUIRED'), (scene, kind) =>
    update(kind, { mutedUntil: '2000-01-01T00:00:00Z' }, 'muted_until')(scene),
  ),
  row(group.updateMember, 'name oneself', members('ok'), (scene, kind) =>
    update(kind, { nickname: 'x' }, 'nickname')(scene),
  ),
  row(group.updateMember, 'name a member', leaders(), update('bystander', { nickname: 'x' }, 'nickname')),
  row(group.updateMember, 'name an admin', ownerOnly(), update('deputy', { nickname: 'x' }, 'nickname')),
  row(group.updateMember, 'name the owner', ownerOnly(), update('owner', { nickname: 'x' }, 'nickname')),
  row(
    group.updateMember,
    'name who is no member',
    members('MEMBER_NOT_FOUND'),
    update('friend', { nickname: 'x' }, 'nickname'),
  ),
  row(group.updateMember, 'dismissed', all('GROUP_NOT_FOUND'), promote, DISMISSED),
  row(group.removeMember, 'a member', leaders(), uidOf('bystander')),
  row(group.removeMember, 'an admin', ownerOnly(), uidOf('deputy')),
  row(
    group.removeMember,
    'the owner',
    members('ROLE_REQUIRED', { owner: 'OWNER_MUST_TRANSFER' }),
    uidOf('owner'),
  ),
  row(group.removeMember, 'oneself', members('ok', { owner: 'OWNER_MUST_TRANSFER' }), (scene, kind) =>
    uidOf(kind)(scene),
  ),
  row(group.removeMember, 'who is no member', leaders(), uidOf('friend')),
  row(group.removeMember, 'from an open one', leaders(), uidOf('bystander'), OPEN),
  row(group.transferGroup, 'to a member', ownerOnly(), uidOf('bystander')),
  row(group.transferGroup, 'to oneself', ownerOnly(), (scene, kind) => uidOf(kind)(scene)),
  row(group.joinGroup, 'by invitation only', members('ok'), ofGroup),
  row(group.joinGroup, 'open to all', all('ok'), ofGroup, OPEN),
  row(group.joinGroup, 'that approves', all('ok'), ofGroup, APPROVAL),
  row(group.joinGroup, 'dismissed', all('GROUP_NOT_FOUND'), ofGroup, { ...OPEN, ...DISMISSED }),
  row(group.listJoinRequests, 'of it', leaders(), ofGroup, APPROVAL),
  row(group.acceptJoinRequest, 'one that is open', leaders(), ofRequest, APPROVAL),
  row(group.rejectJoinRequest, 'one that is open', leaders(), ofRequest, APPROVAL),
  row(group.adminCreateGroup, 'a group', all('ACCESS_DENIED'), ({ cast }) => ({
    name: 'x',
    memberUids: [cast.member.uid],
  })),
  row(group.adminAddMembers, 'anybody', all('ACCESS_DENIED'), ({ groupId, cast }) => ({
    groupId,
    uids: [cast.friend.uid],
  })),
  row(group.adminRemoveMember, 'a member', all('ACCESS_DENIED'), uidOf('bystander')),
];

/** To an outsider there is no such conversation; who was a member keeps what they saw. */
const readers = (outcome: Outcome = 'ok'): Outcomes => ({
  ...all(outcome),
  outsider: 'CONVERSATION_NOT_FOUND',
});
const writers = (outcome: Outcome, others: Partial<Outcomes> = {}): Outcomes =>
  ({ ...readers(), ...each(MEMBERS, outcome), former: 'NOT_A_MEMBER', ...others }) as Outcomes;
/** Everybody who may speak. */
const speakers = (others: Partial<Outcomes> = {}) => writers('ok', { muted: 'MEMBER_MUTED', ...others });
const nobodyMore = writers('READ_ONLY');

const ofConversation = ({ conversationId }: Scene) => ({ conversationId });
const hello = ({ conversationId }: Scene) => ({ conversationId, clientMsgId: named(), content: text('hi') });
const stream = (scene: Scene, kind: SignedIn) => {
  const { uid, sessionId } = scene.cast[kind];
  const request = { case: 'sendMessage', value: hello(scene) } as const;
  return { items: [{ itemId: 1, groupId: 1, uid, sessionId, timeoutMs: 2_000, request }] };
};
type Author = 'bystander' | 'deputy' | 'owner';
const messageOf = ({ conversationId, seqs }: Scene, author: string) => ({
  conversationId,
  // The outsider never said anything.
  seq: seqs[author] ?? seqs.bystander!,
});
const edit = (scene: Scene, author: string) => ({
  ...messageOf(scene, author),
  clientMsgId: named(),
  content: text('x'),
});
const recall = (author: Author) => (scene: Scene) => ({ ...messageOf(scene, author), clientMsgId: named() });
const SILENT = { muteAll: true } as const;
const led = { admin: 'ok', owner: 'ok' } as const;

const CHAT_ROWS: GroupRow[] = [
  row(chat.sendMessage, 'to it', speakers(), hello),
  row(chat.sendMessage, 'while all are muted', writers('GROUP_MUTED', led), hello, SILENT),
  row(chat.sendMessage, 'after its end', nobodyMore, hello, DISMISSED),
  row(chat.sendStream, 'to it', speakers(), stream),
  row(chat.sendStream, 'while all are muted', writers('GROUP_MUTED', led), stream, SILENT),
  row(chat.sendStream, 'after its end', nobodyMore, stream, DISMISSED),
  row(chat.editMessage, 'of their own', speakers(), edit),
  row(chat.editMessage, 'of another', writers('NOT_THE_SENDER'), (scene) => edit(scene, 'bystander')),
  row(chat.editMessage, 'after its end', nobodyMore, edit, DISMISSED),
  row(chat.recallMessage, 'of their own', writers('ok'), (scene, kind) => ({
    ...messageOf(scene, kind),
    clientMsgId: named(),
  })),
  row(chat.recallMessage, "a member's", writers('NOT_THE_SENDER', led), recall('bystander')),
  row(chat.recallMessage, "an admin's", writers('NOT_THE_SENDER', { owner: 'ok' }), recall('deputy')),
  row(chat.recallMessage, "the owner's", writers('NOT_THE_SENDER', { owner: 'ok' }), recall('owner')),
  row(chat.hideMessage, 'for oneself', readers(), (scene) => messageOf(scene, 'bystander')),
  row(chat.getMessages, 'of it', readers(), ofConversation),
  row(chat.getMessages, 'of an open one', readers(), ofConversation, OPEN),
  row(chat.getMessages, 'after its end', readers(), ofConversation, DISMISSED),
  row(chat.markRead, 'for oneself', readers(), ({ conversationId }) => ({ conversationId, seq: 1 })),
  row(chat.listConversations, 'their own', all('ok'), () => ({})),
  row(chat.getConversation, 'of it', readers(), ofConversation),
  row(chat.getConversation, 'of an open one', readers(), ofConversation, OPEN),
  row(chat.updateConversation, 'for oneself', readers(), ({ conversationId }) => ({
    conversationId,
    muted: true,
    updateMask: { paths: ['muted'] },
  })),
  row(chat.sync, 'their own', all('ok'), () => ({})),
  row(chat.queryPresence, 'of its members', all('ok'), ({ cast }) => ({ uids: [cast.owner.uid] })),
  row(chat.sendTyping, 'in it', readers(), (scene, kind) => ({
    ...ofConversation(scene),
    uid: scene.cast[kind].uid,
  })),
  row(chat.adminSendMessage, 'to it', all('ACCESS_DENIED'), hello),
  row(chat.adminRecallMessage, 'of it', all('ACCESS_DENIED'), (scene) => messageOf(scene, 'bystander')),
  row(chat.appendEvents, 'to it', all('ACCESS_DENIED'), (scene) => ({
    ...ofConversation(scene),
    version: 99,
    records: [{ actorUid: '0', at: UNTIL, kind: { case: 'dismissGroup', value: {} } as const }],
  })),
  row(chat.listLargeGroups, 'of theirs', all('ACCESS_DENIED'), ({ cast }, kind) => ({ uid: cast[kind].uid })),
  row(chat.listAudience, 'of it', all('ACCESS_DENIED'), ofConversation),
  row(chat.getStore, 'of it', all('ACCESS_DENIED'), () => ({})),
];

/** Who may do what with a group and its conversation: every method of both services. */
export const GROUP_ACCESS: readonly GroupRow[] = [...GROUP_ROWS, ...CHAT_ROWS];
