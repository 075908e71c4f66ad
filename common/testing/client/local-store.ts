import { type ConversationCopy, createConversationCopy } from './conversation-copy.ts';
import type { WireEvent, WireSync, WireSyncedConversation, WireUser } from './wire.ts';

/** What a device keeps while it is away: its copy of everything, and the cursor it goes on from. */
export interface LocalStore {
  /** Of the last page of sync; undefined before the first. */
  cursor: string | undefined;
  /** The server's epoch that the copy belongs to. */
  epoch: string | undefined;
  profile: WireUser | undefined;
  readonly hidden: ReadonlyMap<string, ReadonlySet<number>>;
  /** The copy of a conversation, an empty one when nothing is held. */
  conversation(conversationId: string): ConversationCopy;
  conversations(): ConversationCopy[];
  /** Takes a page of sync, the cursor too; gives the events that were new. */
  takeSync(page: WireSync): WireEvent[];
  /** Takes what another device of the user changed; it brings no cursor. */
  takeChanged(changed: Pick<WireSync, 'conversations' | 'hidden' | 'profile'>): WireEvent[];
  /** Drops everything, as after another epoch. */
  clear(): void;
}

/** An empty store. */
export function createLocalStore(): LocalStore {
  const copies = new Map<string, ConversationCopy>();
  const hidden = new Map<string, Set<number>>();

  function takeConversation(synced: WireSyncedConversation): WireEvent[] {
    const { events, complete, ...summary } = synced;
    const copy = store.conversation(summary.conversationId);
    copy.summary = summary;
    const added = events.filter((event) => copy.add(event));
    const first = events[0]?.seq ?? summary.headSeq + 1;
    copy.cover({ from: 1, to: complete ? summary.headSeq : summary.visibleFromSeq - 1 });
    copy.cover({ from: first, to: summary.headSeq });
    return added;
  }

  const store: LocalStore = {
    cursor: undefined,
    epoch: undefined,
    profile: undefined,
    hidden,
    conversation(conversationId) {
      const held = copies.get(conversationId);
      if (held) return held;
      const made = createConversationCopy(conversationId);
      copies.set(conversationId, made);
      return made;
    },
    conversations: () => [...copies.values()],
    takeSync(page) {
      const added = store.takeChanged(page);
      store.cursor = page.cursor;
      store.epoch = page.epoch;
      return added;
    },
    takeChanged(changed) {
      for (const { conversationId, seqs } of changed.hidden) {
        hidden.set(conversationId, new Set([...(hidden.get(conversationId) ?? []), ...seqs]));
      }
      if (changed.profile) store.profile = changed.profile;
      return changed.conversations.flatMap(takeConversation);
    },
    clear() {
      copies.clear();
      hidden.clear();
      store.cursor = undefined;
      store.profile = undefined;
    },
  };
  return store;
}
