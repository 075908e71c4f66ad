import { ImError } from '@im/common/errors/im-error.ts';
import { HistoryPolicy_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import { directConversationId, groupConversationId } from '@im/common/utils/conversation-id.ts';
import fc from 'fast-check';
import type { Chat } from './chat-fixture.ts';
import { createLogModel, type LogModel } from './log-model.ts';

/** People of one run; person 0 has a direct conversation with 1 and with 2, all may be in both groups. */
const PEOPLE = 4;

type Person = number;

/** Something that somebody does. Numbers of messages and seqs are taken modulo what there is. */
export type LogOperation = { readonly person: Person; readonly place: number } & (
  | { readonly kind: 'send'; readonly mention: 'nobody' | 'everybody' | Person }
  | { readonly kind: 'edit' | 'recall' | 'hide'; readonly target: number }
  | { readonly kind: 'read' | 'clear'; readonly seq: number }
  | { readonly kind: 'settings'; readonly flag: 'muted' | 'pinned' | 'hidden'; readonly on: boolean }
  | { readonly kind: 'draft'; readonly draft: string }
  | { readonly kind: 'add'; readonly people: readonly Person[]; readonly all: boolean; readonly late: number }
  | { readonly kind: 'remove'; readonly people: readonly Person[]; readonly late: number }
  | { readonly kind: 'block' | 'friend'; readonly on: boolean }
  | { readonly kind: 'dismiss' | 'notify' }
  | { readonly kind: 'wait'; readonly ms: number }
);

const person = fc.nat(PEOPLE - 1);
// Mostly in the first group, where people come and go.
const where = { person, place: fc.constantFrom(0, 0, 1, 2, 2, 2, 2, 3) };
const people = fc.uniqueArray(person, { minLength: 1, maxLength: PEOPLE });
// An owner's clock, and the time a relay takes, let the log's times go back a little.
const late = fc.constantFrom(0, 0, 15);

const some = <T extends { kind: LogOperation['kind'] }>(
  weight: number,
  fields: { [K in keyof T]: fc.Arbitrary<T[K]> },
) => ({ weight, arbitrary: fc.record({ ...where, ...fields }) as unknown as fc.Arbitrary<LogOperation> });

export const logOperation: fc.Arbitrary<LogOperation> = fc.oneof(
  some(12, {
    kind: fc.constant('send' as const),
    mention: fc.oneof(fc.constant('nobody' as const), fc.constant('everybody' as const), person),
  }),
  some(8, {
    kind: fc.constantFrom('edit' as const, 'edit' as const, 'recall' as const, 'hide' as const),
    target: fc.nat(5),
  }),
  some(3, { kind: fc.constantFrom('read' as const, 'read' as const, 'clear' as const), seq: fc.nat(30) }),
  some(1, {
    kind: fc.constant('settings' as const),
    flag: fc.constantFrom('muted' as const, 'pinned' as const, 'hidden' as const),
    on: fc.boolean(),
  }),
  some(1, { kind: fc.constant('draft' as const), draft: fc.constantFrom('', 'half a tho') }),
  some(4, { kind: fc.constant('add' as const), people, all: fc.boolean(), late }),
  some(3, { kind: fc.constant('remove' as const), people, late }),
  some(1, { kind: fc.constantFrom('block' as const, 'friend' as const), on: fc.boolean() }),
  some(1, { kind: fc.constantFrom('notify' as const, 'notify' as const, 'dismiss' as const) }),
  // Short, because the sweep that goes by this clock would take what is on its way for left behind.
  some(2, { kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 20) }),
);

/** Does operations at a chat and in the model of it. */
export interface LogWorld {
  readonly model: LogModel;
  readonly uids: readonly string[];
  /** Opens the accounts and makes the first two friends, so that there is something from the start. */
  begin(): Promise<void>;
  /** What the chat refuses does not happen in the model either. */
  perform(operation: LogOperation): Promise<void>;
}

/** @param run keeps the people and groups of one run apart from those of others in the same chat */
export function createLogWorld(chat: Chat, run: number): LogWorld {
  const uids = Array.from({ length: PEOPLE }, (_, i) => String(run * 10 + i + 1));
  const model = createLogModel();
  const places = [
    directConversationId(uids[0]!, uids[1]!),
    directConversationId(uids[0]!, uids[2]!),
    groupConversationId(String(run * 10 + 1)),
    groupConversationId(String(run * 10 + 2)),
  ];
  let texts = 0;

  async function act(operation: LogOperation): Promise<void> {
    const conversationId = places[operation.place]!;
    const uid = uids[operation.person]!;
    const user = chat.user(uid);
    const direct = conversationId.startsWith('s:');
    const pair = operation.place === 0 ? [uids[0]!, uids[1]!] : [uids[0]!, uids[2]!];
    const at = new Date(chat.clock.now() - ('late' in operation ? operation.late : 0)).toISOString();
    switch (operation.kind) {
      case 'send': {
        const { mention } = operation;
        const mentioned = typeof mention === 'number' ? [uids[mention]!] : [];
        texts += 1;
        const text = `text ${texts}`;
        const mentions = { uids: mentioned, all: mention === 'everybody' };
        await user.send(conversationId, text, { mentions });
        model.send(conversationId, uid, text, [...mentioned, ...(mentions.all ? ['0'] : [])], at);
        return;
      }
      case 'edit':
      case 'recall':
      case 'hide': {
        const seq = messageSeq(conversationId, operation.target, operation.kind === 'hide' ? undefined : uid);
        if (seq === undefined) return;
        if (operation.kind === 'hide') {
          await user.hide(conversationId, seq);
          model.find(conversationId)!.members.get(uid)!.hidden.add(seq);
        } else if (operation.kind === 'recall') {
          await user.recall(conversationId, seq);
          model.recall(conversationId, uid, seq, at);
        } else {
          texts += 1;
          const text = `text ${texts}`;
          await user.edit(conversationId, seq, text);
          model.append(conversationId, { kind: 'edited', actorUid: uid, at, targetSeq: seq, text });
        }
        return;
      }
      case 'read':
        await user.markRead(conversationId, operation.seq);
        model.markRead(conversationId, uid, upToHead(conversationId, uid, operation.seq));
        return;
      case 'clear': {
        await user.update(conversationId, { clearedSeq: operation.seq });
        const clearedSeq = upToHead(conversationId, uid, operation.seq);
        model.update(conversationId, uid, { clearedSeq });
        return;
      }
      case 'settings':
        await user.update(conversationId, { [operation.flag]: operation.on });
        model.update(conversationId, uid, { [operation.flag]: operation.on });
        return;
      case 'draft':
        await user.update(conversationId, { draft: operation.draft });
        model.update(conversationId, uid, { draft: operation.draft });
        return;
      case 'add': {
        if (direct) return;
        const history = operation.all ? HistoryPolicy_Value.ALL : HistoryPolicy_Value.FROM_JOIN;
        const joining = operation.people.map((each) => uids[each]!);
        await chat.addMembers(conversationId, joining, { history, at, actorUid: uid });
        model.add(conversationId, joining, operation.all, uid, at);
        return;
      }
      case 'remove': {
        if (direct) return;
        const leaving = operation.people.map((each) => uids[each]!);
        await chat.removeMembers(conversationId, leaving, { at, actorUid: uid });
        model.remove(conversationId, leaving, uid, at);
        return;
      }
      case 'dismiss':
        if (direct) return;
        await chat.append('group-service', conversationId, { case: 'dismissGroup', value: {} }, { at });
        model.dismiss(conversationId, '0', at);
        return;
      case 'friend':
        if (!direct) return;
        if (operation.on) {
          await chat.befriend(pair[0]!, pair[1]!);
          model.befriend(conversationId, pair, pair[0]!, at);
        } else {
          await chat.unfriend(pair[0]!, pair[1]!);
          model.unfriend(conversationId, pair[0]!, at);
        }
        return;
      case 'block':
        // Shows nowhere, so the model knows nothing of it.
        if (direct) await chat.setBlock(pair[0]!, pair[1]!, operation.on);
        return;
      case 'notify':
        await chat.append('friend-service', `n:${uid}`, {
          case: 'notifyFriendAdded',
          value: { uid: uids[0]! },
        });
        model.notify(uid, at);
        return;
      case 'wait':
        chat.clock.advance(operation.ms);
    }
  }

  /** Of the messages, or of those of one sender, the newest first. */
  function messageSeq(conversationId: string, target: number, senderUid?: string): number | undefined {
    const events = model.find(conversationId)?.events ?? [];
    const messages = events.filter(
      ({ kind, actorUid }) => kind === 'message' && (senderUid === undefined || actorUid === senderUid),
    );
    return messages.at(-1 - (target % Math.max(1, messages.length)))?.seq;
  }

  function upToHead(conversationId: string, uid: string, seq: number): number {
    const { members, events } = model.find(conversationId)!;
    return Math.min(seq, members.get(uid)!.spans.at(-1)!.to ?? events.length);
  }

  return {
    model,
    uids,
    async begin() {
      await chat.openAccount(...uids);
      await act({ kind: 'friend', on: true, person: 0, place: 0 });
      await act({ kind: 'add', people: [0, 1, 2], all: true, late: 0, person: 0, place: 2 });
    },
    async perform(operation) {
      try {
        await act(operation);
      } catch (error) {
        if (!(error instanceof ImError) || error.status === 'INTERNAL') throw error;
      }
    },
  };
}
