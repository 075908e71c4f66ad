import type { LoggedConversation, LoggedEvent, LoggedMember, LogModel } from './log-model.ts';
import type { SeenConversation, SeenEvent, SeenMessage } from './seen.ts';

/** What a user sees of a conversation by the rules of visibility, message for message. */
export interface EntitledConversation extends SeenConversation {
  /** Messages recalled when the user was not there: a device that held one was not told. */
  readonly recalledUnseen: ReadonlySet<number>;
}

/** Undefined for who never was a member, and where there are no events. */
export function entitledTo(
  model: LogModel,
  conversationId: string,
  uid: string,
): EntitledConversation | undefined {
  const conversation = model.find(conversationId);
  const member = conversation?.members.get(uid);
  if (!conversation || !member || conversation.events.length === 0) return undefined;
  const { events } = conversation;
  const sees = (seq: number) =>
    seq > member.settings.clearedSeq &&
    member.spans.some(({ from, to }) => seq >= from && (to === undefined || seq <= to));
  const shown = (seq: number) => sees(seq) && !member.hidden.has(seq);
  const visible = events.filter((event) => sees(event.seq));

  const recallOf = (seq: number) =>
    events.find((event) => event.kind === 'recalled' && event.targetSeq === seq);
  const present = ({ seq, actorUid, at, text }: LoggedEvent): SeenMessage => {
    const edit = visible.findLast((event) => event.kind === 'edited' && event.targetSeq === seq);
    const recalledAt = recallOf(seq)?.at;
    const now = recalledAt === undefined ? (edit?.text ?? text) : undefined;
    return { seq, senderUid: actorUid, sentAt: at, text: now, editedAt: edit?.at, recalledAt };
  };
  const other = ({ mentions: _, ...event }: LoggedEvent): SeenEvent => {
    const { kind, targetSeq } = event;
    if (kind !== 'edited' || targetSeq === undefined) return event;
    return { ...event, text: shown(targetSeq) && !recallOf(targetSeq) ? event.text : undefined };
  };

  const messages = visible.filter(({ kind, seq }) => kind === 'message' && shown(seq)).map(present);
  return {
    summary: {
      conversationId,
      ...headOf(conversation, member),
      ...unreadOf(conversation, member),
      kind: conversationId.startsWith('s:') ? 'DIRECT' : conversationId.startsWith('g:') ? 'GROUP' : 'NOTICE',
      readSeq: member.readSeq,
      peerReadSeq: peerReadSeq(conversation, uid),
      visibleFromSeq: Math.max(
        Math.min(...member.spans.map(({ from }) => from)),
        member.settings.clearedSeq + 1,
      ),
      lastMessage: messages.at(-1),
      settings: member.settings,
    },
    messages,
    events: visible.filter(({ kind }) => kind !== 'message').map(other),
    recalledUnseen: new Set(
      messages.map(({ seq }) => seq).filter((seq) => recallOf(seq) && !sees(recallOf(seq)!.seq)),
    ),
  };
}

/** Where the conversation ends for the member. */
function headOf({ events }: LoggedConversation, { spans }: LoggedMember) {
  const leftSeq = spans.at(-1)!.to;
  const headSeq = leftSeq ?? events.length;
  return { headSeq, leftSeq, updatedAt: events[headSeq - 1]!.at };
}

/** What lies above own mark, what was cleared, and the start of the last span. */
function unreadOf(conversation: LoggedConversation, member: LoggedMember) {
  const { headSeq } = headOf(conversation, member);
  const read = Math.max(member.readSeq, member.settings.clearedSeq, member.spans.at(-1)!.from - 1);
  const unread = conversation.events.filter(
    ({ kind, seq }) => kind === 'message' && seq > read && seq <= headSeq,
  );
  const uid = [...conversation.members].find(([, each]) => each === member)![0];
  const mentioning = unread.filter(({ mentions = [], seq }) => {
    return (mentions.includes(uid) || mentions.includes('0')) && !member.hidden.has(seq);
  });
  return { unread: unread.length, mentionSeqs: mentioning.map(({ seq }) => seq).slice(0, 100) };
}

function peerReadSeq({ conversationId, members, events }: LoggedConversation, uid: string) {
  if (!conversationId.startsWith('s:')) return undefined;
  const peer = [...members].find(([other]) => other !== uid)?.[1];
  return peer && Math.min(peer.readSeq, events.length);
}
