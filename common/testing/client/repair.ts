import { backoffMs, delay } from '../../utils/wait.ts';
import { ApiError, ConnectionLost } from './api-error.ts';
import type { ConversationCopy, SeqRange } from './conversation-copy.ts';
import type { LocalStore } from './local-store.ts';
import type { ImSocket } from './socket.ts';
import type { SocketRequests, WireEvent } from './wire.ts';

/** Before a question refused for a moment's reason is asked again. */
const ASK_AGAIN = { firstMs: 50, mostMs: 1_000 };
/** The most events one answer of getMessages holds. */
const RANGE_LIMIT = 200;

/** Brings a local copy up to date: sync from the cursor, and the ranges that a jump in seq shows missing. */
export interface Repair {
  readonly isBusy: boolean;
  connect(socket: ImSocket | undefined): void;
  /** Syncs page by page until there is no more, then fills the gaps. Throws ConnectionLost. */
  sync(): Promise<void>;
  /** Asks for what is missing in a conversation, each stretch once; waits while a sync runs. */
  gaps(conversationId: string): void;
}

/** Repairs `store`; `held` is told of every event that it brings. */
export function createRepair(store: LocalStore, held: (events: readonly WireEvent[]) => void): Repair {
  const filling = new Map<ConversationCopy, Promise<void>>();
  let socket: ImSocket | undefined;
  let syncing: Promise<void> | undefined;
  let again = false;

  async function ask<K extends 'sync' | 'getMessages'>(
    kind: K,
    body: SocketRequests[K]['body'],
  ): Promise<SocketRequests[K]['answer']> {
    for (let attempt = 0; ; attempt++) {
      if (!socket) throw new ConnectionLost('the device is offline');
      try {
        return await socket.request(kind, body);
      } catch (error) {
        if (error instanceof ConnectionLost) socket?.terminate();
        if (!(error instanceof ApiError && error.momentary)) throw error;
        await delay(backoffMs(attempt, ASK_AGAIN));
      }
    }
  }

  async function syncPages(): Promise<void> {
    for (let more = true; more; ) {
      const page = await ask('sync', store.cursor === undefined ? {} : { cursor: store.cursor });
      if (store.epoch !== undefined && store.epoch !== page.epoch && store.cursor !== undefined) {
        store.clear();
        store.epoch = page.epoch;
        continue;
      }
      held(store.takeSync(page));
      more = page.more;
    }
  }

  async function syncUntilStill(): Promise<void> {
    do {
      again = false;
      await syncPages();
    } while (again);
  }

  function fill(copy: ConversationCopy): Promise<void> {
    const running = filling.get(copy);
    if (running) return running;
    const filled = fillGaps(copy).finally(() => {
      filling.delete(copy);
      held([]);
    });
    filling.set(copy, filled);
    return filled;
  }

  async function fillGaps(copy: ConversationCopy): Promise<void> {
    for (let gap = copy.gap(); gap; gap = copy.gap()) await fillGap(copy, gap);
  }

  async function fillGap(copy: ConversationCopy, gap: SeqRange): Promise<void> {
    const { conversationId } = copy;
    const range = await ask('getMessages', {
      conversationId,
      fromSeq: gap.from,
      toSeq: gap.to,
      limit: RANGE_LIMIT,
    });
    held(copy.addRange(range));
    // What lies before the range answered is not for this user; nor is a stretch answered with nothing at all.
    const nothing = range.toSeq < gap.from;
    copy.cover({ from: gap.from, to: nothing ? gap.to : range.fromSeq - 1 });
  }

  function fillGently(copy: ConversationCopy): void {
    // A lost connection is the next sync's to mend.
    fill(copy).catch(() => {});
  }

  return {
    get isBusy() {
      return syncing !== undefined || filling.size > 0;
    },
    connect(on) {
      socket = on;
    },
    async sync() {
      again = true;
      syncing ??= syncUntilStill().finally(() => {
        syncing = undefined;
      });
      await syncing;
      await Promise.all(store.conversations().map(fill));
      held([]);
    },
    gaps(conversationId) {
      const copy = store.conversation(conversationId);
      if (!syncing && copy.gap()) fillGently(copy);
    },
  };
}
