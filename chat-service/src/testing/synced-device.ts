import type { Conversation, SyncedConversation } from '@im/common/gen/im/chat/v1/conversation_pb.ts';
import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import type { Changed } from '@im/common/gen/im/ws/v1/frames_pb.ts';
import type { ChatUser } from './chat-user.ts';
import {
  type SeenConversation,
  type SeenEvent,
  type SeenMessage,
  seenEvent,
  seenMessage,
  seenSummary,
} from './seen.ts';

/** A device that holds what sync brought it, and folds by the rules clients are given. */
export interface SyncedDevice {
  readonly uid: string;
  cursor: string | undefined;
  /** Calls sync once; true when there is more. What came incomplete is fetched below its first event. */
  syncPage(limit?: number): Promise<boolean>;
  /** Calls sync until there is no more. */
  sync(limit?: number): Promise<void>;
  takeEvent(event: Event): void;
  takeChanged(changed: Pick<Changed, 'conversations' | 'hidden'>): void;
  conversationIds(): string[];
  /** Undefined where nothing is held. */
  seen(conversationId: string): SeenConversation | undefined;
  hidden(conversationId: string): number[];
}

interface Copy {
  summary: Conversation | SyncedConversation | undefined;
  readonly messages: Map<number, Message>;
  readonly events: Map<number, Event>;
  readonly hidden: Set<number>;
}

/** Seqs of one range of history when a gap is filled. */
const RANGE = 50;

export function createSyncedDevice(user: ChatUser): SyncedDevice {
  const copies = new Map<string, Copy>();

  function copyOf(conversationId: string): Copy {
    const known = copies.get(conversationId);
    if (known) return known;
    const made = { summary: undefined, messages: new Map(), events: new Map(), hidden: new Set<number>() };
    copies.set(conversationId, made);
    return made;
  }

  function takeMessage(message: Message): void {
    const { messages } = copyOf(message.conversationId);
    const held = messages.get(message.seq);
    if (!held || held.asOfSeq <= message.asOfSeq) messages.set(message.seq, message);
  }

  function takeEvent(event: Event): void {
    if (event.kind.case === 'message') takeMessage(event.kind.value);
    // The newer copy: who may see more than before gets an edit again, with its content.
    else copyOf(event.conversationId).events.set(event.seq, event);
  }

  async function fetchBelow(conversationId: string, seq: number): Promise<void> {
    for (let fromSeq = 1; fromSeq < seq; ) {
      const page = await user.messages(conversationId, { fromSeq, toSeq: seq - 1, limit: RANGE });
      page.messages.forEach(takeMessage);
      page.events.forEach(takeEvent);
      if (page.toSeq < fromSeq) return;
      fromSeq = page.toSeq + 1;
    }
  }

  const device: SyncedDevice = {
    uid: user.uid,
    cursor: undefined,
    async syncPage(limit) {
      const page = await user.sync({ cursor: device.cursor, limit });
      for (const conversation of page.conversations) {
        const { conversationId, events, complete, headSeq } = conversation;
        copyOf(conversationId).summary = conversation;
        events.forEach(takeEvent);
        if (!complete) await fetchBelow(conversationId, events[0]?.seq ?? headSeq + 1);
      }
      takeHidden(page.hidden);
      device.cursor = page.cursor;
      return page.more;
    },
    async sync(limit) {
      while (await device.syncPage(limit));
    },
    takeEvent,
    takeChanged({ conversations, hidden }) {
      for (const conversation of conversations) copyOf(conversation.conversationId).summary = conversation;
      takeHidden(hidden);
    },
    conversationIds: () => [...copies.keys()].filter((id) => copies.get(id)!.summary),
    seen(conversationId) {
      const copy = copies.get(conversationId);
      return copy?.summary && { summary: seenSummary(copy.summary), ...folded(copy) };
    },
    hidden: (conversationId) => [...(copies.get(conversationId)?.hidden ?? [])].sort((a, b) => a - b),
  };

  function takeHidden(hidden: Pick<Changed, 'hidden'>['hidden']): void {
    for (const { conversationId, seqs } of hidden) {
      for (const seq of seqs) copyOf(conversationId).hidden.add(seq);
    }
  }

  return device;
}

/** What is shown: nothing cleared or hidden, every message with what the events above its asOfSeq made of it. */
function folded({ summary, messages, events, hidden }: Copy): {
  messages: SeenMessage[];
  events: SeenEvent[];
} {
  const cleared = summary?.settings?.clearedSeq ?? 0;
  const inOrder = [...events.values()].sort((a, b) => a.seq - b.seq).filter((event) => event.seq > cleared);
  const shown = new Map<number, SeenMessage>();
  for (const message of [...messages.values()].sort((a, b) => a.seq - b.seq)) {
    if (message.seq <= cleared || hidden.has(message.seq)) continue;
    const seen = seenMessage(message);
    for (const event of inOrder) {
      if (event.seq > message.asOfSeq) applyTo(seen, seenEvent(event));
    }
    shown.set(message.seq, seen);
  }
  const others = inOrder.map(seenEvent).map((event) => {
    if (event.kind !== 'edited') return event;
    const target = shown.get(event.targetSeq!);
    return !target || target.recalledAt !== undefined ? { ...event, text: undefined } : event;
  });
  return { messages: [...shown.values()], events: others };
}

function applyTo(message: SeenMessage, { kind, targetSeq, text, at }: SeenEvent): void {
  if (targetSeq !== message.seq) return;
  if (kind === 'edited') Object.assign(message, { text, editedAt: at });
  if (kind === 'recalled') Object.assign(message, { text: undefined, recalledAt: at });
}
