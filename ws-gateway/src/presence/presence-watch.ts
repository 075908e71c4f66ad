import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { Presence, PresenceSchema } from '@im/common/gen/im/presence/v1/presence_pb.ts';
import {
  OFFLINE,
  type PresenceState,
  presenceFields,
  presenceStateOf,
} from '@im/common/presence/presence-state.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import type { Connection } from '../connection/connection.ts';
import type { WatchedPerson, WatchTable } from './watch-table.ts';

/** How long chat-service's word is believed that somebody may be watched. Milliseconds, give or take a tenth. */
const BELIEVED_MS = 60_000;

/** Watchers that chat-service is asked about at the same time. */
const MOST_ASKED = 32;

export type PresenceInit = MessageInitShape<typeof PresenceSchema>;

/** Which sockets watch whose presence. */
export interface PresenceWatch {
  /** Numbers a socket's wish to watch, in the order they came. */
  nextTurn(): number;
  /**
   * From now on the socket is told changes of these people, of whom
   * chat-service has just said that it may be. Answers what to show it now. A
   * wish that was overtaken by a later one of the same socket changes nothing.
   */
  watch(
    connection: Connection,
    turn: number,
    asked: readonly string[],
    allowed: readonly Presence[],
  ): PresenceInit[];
  forget(connection: Connection): void;
  /** Asks again for those who were allowed long ago. */
  askAgain(): void;
  /** Tells the watchers of people who have changed. */
  tell(changed: readonly WatchedPerson<Connection>[]): void;
}

export interface PresenceWatchOptions {
  table: WatchTable<Connection>;
  chat: Pick<RpcClient<typeof ChatService>, 'queryPresence'>;
  clock: () => number;
  now: () => number;
  /** Sends what is new to these sockets. */
  push: (connections: Iterable<Connection>, presence: PresenceInit[]) => void;
  log: Logger;
}

interface Watching {
  readonly turn: number;
  /** As the client wished; chat-service may allow more of them later. */
  readonly asked: readonly string[];
  askAgainAt: number;
}

export function createPresenceWatch(options: PresenceWatchOptions): PresenceWatch {
  const { table, chat, clock, now, push, log } = options;
  const watching = new Map<Connection, Watching>();
  let turns = 0;
  let asking = 0;

  function watch(
    connection: Connection,
    turn: number,
    asked: readonly string[],
    allowed: readonly Presence[],
  ): { presence: PresenceInit; isNew: boolean }[] {
    const askAgainAt = clock() + BELIEVED_MS * (0.9 + Math.random() / 5);
    watching.set(connection, { turn, asked, askAgainAt });
    const lastSeen = new Map(allowed.map(({ uid, lastSeenAt }) => [uid, lastSeenAt]));
    const people = allowed.map((presence) => ({ uid: presence.uid, state: presenceStateOf(presence) }));
    return table.replace(connection, people).map(({ uid, state, isNew }) => ({
      presence: presenceOf(uid, state, lastSeen.get(uid)),
      isNew,
    }));
  }

  async function ask(connection: Connection, { turn, asked }: Watching): Promise<void> {
    const { uid, sessionId } = connection.user!;
    const speakFor = { kind: 'user', uid, sessionId } as const;
    try {
      const { presence } = await chat.queryPresence({ uids: [...asked] }, { speakFor });
      // Meanwhile it may have gone or wished for others.
      if (watching.get(connection)?.turn !== turn) return;
      const told = watch(connection, turn, asked, presence);
      const added = told.filter(({ isNew }) => isNew).map((each) => each.presence);
      if (added.length > 0) push([connection], added);
    } catch (error) {
      // What was allowed stays so: chat-service being away is no reason to show less.
      log.debug({ err: error }, 'who may be watched is not known again');
    }
  }

  return {
    nextTurn() {
      turns += 1;
      return turns;
    },
    watch(connection, turn, asked, allowed) {
      const last = watching.get(connection)?.turn ?? 0;
      if (connection.state === 'closed' || last > turn) return [...allowed];
      return watch(connection, turn, asked, allowed).map(({ presence }) => presence);
    },
    forget(connection) {
      watching.delete(connection);
      table.forget(connection);
    },
    askAgain() {
      const at = clock();
      for (const [connection, wish] of watching) {
        if (wish.askAgainAt > at || wish.asked.length === 0) continue;
        if (asking >= MOST_ASKED) return;
        wish.askAgainAt = at + BELIEVED_MS;
        asking += 1;
        void ask(connection, wish).finally(() => {
          asking -= 1;
        });
      }
    },
    tell(changed) {
      const at = new Date(now()).toISOString();
      for (const { uid, state, watchers } of changed) push(watchers, [presenceOf(uid, state, at)]);
    },
  };
}

function presenceOf(uid: string, state: PresenceState, lastSeenAt: string | undefined): PresenceInit {
  return { uid, ...presenceFields(state), lastSeenAt: state === OFFLINE ? lastSeenAt : undefined };
}
