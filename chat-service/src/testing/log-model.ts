/** An event as it was written. Texts of recalled messages stay here; who sees them is decided when it is asked. */
export interface LoggedEvent {
  readonly seq: number;
  readonly at: string;
  readonly actorUid: string;
  readonly kind: string;
  readonly text?: string;
  readonly targetSeq?: number;
  /** Uids, "0" for everybody. */
  readonly mentions?: readonly string[];
  readonly uids?: readonly string[];
}

export interface OwnState {
  muted: boolean;
  pinned: boolean;
  hidden: boolean;
  draft: string;
  clearedSeq: number;
}

export interface LoggedMember {
  readonly spans: { from: number; to?: number }[];
  readonly hidden: Set<number>;
  readonly settings: OwnState;
  readSeq: number;
}

export interface LoggedConversation {
  readonly conversationId: string;
  readonly events: LoggedEvent[];
  readonly members: Map<string, LoggedMember>;
  friends: boolean;
  dismissed: boolean;
}

type Writing = Omit<LoggedEvent, 'seq'>;

/** Everything that was written in a test, kept as simply as can be: the measure for what is read. */
export interface LogModel {
  conversations(): readonly LoggedConversation[];
  find(conversationId: string): LoggedConversation | undefined;
  isMember(conversationId: string, uid: string): boolean;
  /** Any event; the conversation's people are members already. */
  append(conversationId: string, event: Writing): LoggedEvent;
  befriend(conversationId: string, uids: readonly string[], actorUid: string, at: string): void;
  unfriend(conversationId: string, actorUid: string, at: string): void;
  notify(uid: string, at: string): void;
  add(conversationId: string, uids: readonly string[], all: boolean, actorUid: string, at: string): void;
  remove(conversationId: string, uids: readonly string[], actorUid: string, at: string): void;
  dismiss(conversationId: string, actorUid: string, at: string): void;
  send(conversationId: string, uid: string, text: string, mentions: readonly string[], at: string): void;
  recall(conversationId: string, uid: string, seq: number, at: string): void;
  markRead(conversationId: string, uid: string, seq: number): void;
  update(conversationId: string, uid: string, settings: Partial<OwnState>): void;
}

export function createLogModel(): LogModel {
  const conversations = new Map<string, LoggedConversation>();

  function open(conversationId: string): LoggedConversation {
    const known = conversations.get(conversationId);
    if (known) return known;
    const made = {
      conversationId,
      events: [],
      members: new Map<string, LoggedMember>(),
      friends: false,
      dismissed: false,
    };
    conversations.set(conversationId, made);
    return made;
  }

  function append({ events }: LoggedConversation, event: Writing): LoggedEvent {
    const logged = { seq: events.length + 1, ...event };
    events.push(logged);
    return logged;
  }

  function join({ members }: LoggedConversation, uid: string, from: number): void {
    const settings = { muted: false, pinned: false, hidden: false, draft: '', clearedSeq: 0 };
    const member = members.get(uid) ?? { spans: [], hidden: new Set(), settings, readSeq: 0 };
    members.set(uid, member);
    member.spans.push({ from });
  }

  const isMember = (conversation: LoggedConversation | undefined, uid: string) =>
    conversation?.members.get(uid)?.spans.at(-1)?.to === undefined && conversation?.members.has(uid) === true;

  return {
    conversations: () => [...conversations.values()],
    find: (conversationId) => conversations.get(conversationId),
    isMember: (conversationId, uid) => isMember(conversations.get(conversationId), uid),
    append: (conversationId, event) => append(open(conversationId), event),
    befriend(conversationId, uids, actorUid, at) {
      const conversation = open(conversationId);
      if (conversation.friends) return;
      conversation.friends = true;
      for (const uid of uids) if (!conversation.members.has(uid)) join(conversation, uid, 1);
      append(conversation, { at, actorUid, kind: 'friendAdded' });
    },
    unfriend(conversationId, actorUid, at) {
      const conversation = open(conversationId);
      if (!conversation.friends) return;
      conversation.friends = false;
      append(conversation, { at, actorUid, kind: 'friendRemoved' });
    },
    notify(uid, at) {
      const conversation = open(`n:${uid}`);
      if (!conversation.members.has(uid)) join(conversation, uid, 1);
      append(conversation, { at, actorUid: '0', kind: 'friendAdded' });
    },
    add(conversationId, uids, all, actorUid, at) {
      const conversation = open(conversationId);
      const joining = uids.filter((uid) => !isMember(conversation, uid));
      if (joining.length === 0 || conversation.dismissed) return;
      const seq = conversation.events.length + 1;
      for (const uid of joining) join(conversation, uid, all || seq === 1 ? 1 : seq);
      append(conversation, { at, actorUid, kind: 'memberAdded', uids: joining });
    },
    remove(conversationId, uids, actorUid, at) {
      const conversation = open(conversationId);
      const leaving = uids.filter((uid) => isMember(conversation, uid));
      if (leaving.length === 0 || conversation.dismissed) return;
      const { seq } = append(conversation, { at, actorUid, kind: 'memberRemoved', uids: leaving });
      for (const uid of leaving) conversation.members.get(uid)!.spans.at(-1)!.to = seq;
    },
    dismiss(conversationId, actorUid, at) {
      const conversation = open(conversationId);
      if (conversation.dismissed) return;
      conversation.dismissed = true;
      append(conversation, { at, actorUid, kind: 'groupDismissed' });
    },
    send(conversationId, actorUid, text, mentions, at) {
      const conversation = open(conversationId);
      const { seq } = append(conversation, { at, actorUid, kind: 'message', text, mentions });
      conversation.members.get(actorUid)!.readSeq = seq;
    },
    recall(conversationId, actorUid, targetSeq, at) {
      const conversation = open(conversationId);
      if (conversation.events.some((each) => each.kind === 'recalled' && each.targetSeq === targetSeq))
        return;
      append(conversation, { at, actorUid, kind: 'recalled', targetSeq });
    },
    markRead(conversationId, uid, seq) {
      const member = open(conversationId).members.get(uid)!;
      member.readSeq = Math.max(member.readSeq, seq);
    },
    update(conversationId, uid, settings) {
      const own = open(conversationId).members.get(uid)!.settings;
      Object.assign(own, settings, { clearedSeq: Math.max(own.clearedSeq, settings.clearedSeq ?? 0) });
    },
  };
}
