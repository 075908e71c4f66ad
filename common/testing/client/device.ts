import { randomUUID } from 'node:crypto';
import { backoffMs, delay } from '../../utils/wait.ts';
import { type ApiError, ConnectionLost } from './api-error.ts';
import { eventOf } from './conversation-copy.ts';
import type { SocketProtocol } from './frame-codec.ts';
import type { ImClient } from './http.ts';
import { createLocalStore, type LocalStore } from './local-store.ts';
import { createOutgoing, type OutgoingRequest } from './outgoing.ts';
import { createRepair } from './repair.ts';
import { createSignIn, isFinalRefusal } from './sign-in.ts';
import { type ImSocket, openSocket, type SocketAnswer } from './socket.ts';
import { createWaiters } from './waiters.ts';
import type { ServerFrame, SignedIn, WireContent, WireEvent, WireMessage } from './wire.ts';

/** Pauses between attempts to connect. */
const RECONNECT = { firstMs: 50, mostMs: 1_000 };
/** Milliseconds `connect` and `waitFor` wait by default. */
const PATIENCE_MS = 30_000;
/** The server says: signed in elsewhere or revoked, do not reconnect. */
const SIGNED_OUT_CODE = 4003;

export interface DeviceOptions {
  /** The server's HTTP side, for renewing tokens. */
  client: ImClient;
  /** `ws://…/ws`; of several gateways a function that says which is next. */
  socketUrl: string | (() => string);
  signedIn: SignedIn;
  /** What its sockets speak; `im.v1.json` if left out. */
  protocol?: SocketProtocol;
  /** Called once for every event the device comes to hold. */
  onEvent?: (event: WireEvent) => void;
  /** Called with every push as it came. */
  onPush?: (frame: ServerFrame) => void;
  /** Called with every answer as it came, before the device does anything with it. */
  onAnswer?: (answer: SocketAnswer) => void;
  /** Called with every refusal as it came, also with those for a moment, after which the device asks again. */
  onRefused?: (error: ApiError) => void;
}

/** A device of a user: a local copy that survives connections, kept up to date as the contract says. */
export interface ImDevice {
  readonly uid: string;
  readonly store: LocalStore;
  /** Signed in and synced on the present connection. */
  readonly isReady: boolean;
  /** Ready, with nothing unacknowledged and no repair under way. */
  readonly isSettled: boolean;
  /** Why the device is out for good. */
  readonly ended: Error | undefined;
  /** Goes online and stays so, whatever happens to connections; resolves when it has synced. */
  connect(timeoutMs?: number): Promise<void>;
  /** Leaves and stays away until `connect`. What is unacknowledged waits. */
  goOffline(): Promise<void>;
  /** Cuts the connection as a network would; the device comes back by itself. */
  cut(): void;
  send(conversationId: string, content: string | WireContent, extra?: SendExtra): Promise<WireMessage>;
  edit(conversationId: string, seq: number, text: string, clientMsgId?: string): Promise<WireMessage>;
  recall(conversationId: string, seq: number, clientMsgId?: string): Promise<WireMessage>;
  markRead(conversationId: string, seq: number): Promise<{ readSeq: number; unread: number }>;
  /** Syncs from the cursor now. */
  sync(): Promise<void>;
  /** The first truthy answer of `check`, asked whenever the copy changes. */
  waitFor<T>(
    check: (store: LocalStore) => T,
    timeoutMs?: number,
    what?: string,
  ): Promise<Exclude<T, undefined | false | null>>;
  /** Goes offline; what is unacknowledged fails. */
  close(): Promise<void>;
}

export interface SendExtra {
  clientMsgId?: string;
  replyToSeq?: number;
  mentions?: { uids?: string[]; all?: boolean };
}

/** A device that is offline and holds nothing yet. */
export function createDevice(options: DeviceOptions): ImDevice {
  const store = createLocalStore();
  const waiters = createWaiters();
  const outgoing = createOutgoing();
  const repair = createRepair(store, held);
  const signIn = createSignIn(options.client, options.signedIn.tokens);
  let wanted = false;
  let running: Promise<void> | undefined;
  let socket: ImSocket | undefined;
  let ready = false;
  let ended: Error | undefined;
  let stopWaiting = new AbortController();

  function held(events: readonly WireEvent[]): void {
    for (const event of events) options.onEvent?.(event);
    waiters.changed();
  }

  function takeMessage(message: WireMessage): WireMessage {
    if (store.conversation(message.conversationId).addMessage(message)) {
      held([eventOf(message)]);
    }
    repair.gaps(message.conversationId);
    return message;
  }

  function onPush(frame: ServerFrame): void {
    options.onPush?.(frame);
    for (const event of frame.events?.events ?? []) {
      if (store.conversation(event.conversationId).add(event)) held([event]);
      repair.gaps(event.conversationId);
    }
    if (frame.changed) held(store.takeChanged(frame.changed));
    if (frame.resync) repair.sync().catch(() => socket?.terminate());
    if (frame.drain) void leaveDraining(frame.drain.reconnectAfterMs);
    if (frame.signedOut) end(new Error(`signed out: ${frame.signedOut.reason}`));
  }

  /** The server is about to restart: leave when it asks, the loop comes back. */
  async function leaveDraining(afterMs: number): Promise<void> {
    const leaving = socket;
    await delay(afterMs);
    await leaving?.close();
  }

  function end(error: Error): void {
    ended ??= error;
    wanted = false;
    outgoing.fail(error);
    waiters.fail(error);
  }

  /** One connection from its first frame to its end. */
  async function session(): Promise<void> {
    const { socketUrl, protocol, onAnswer, onRefused } = options;
    const url = typeof socketUrl === 'string' ? socketUrl : socketUrl();
    const on = await openSocket({ url, protocol, onPush, onAnswer, onRefused, keepPushes: false });
    socket = on;
    try {
      if (!wanted) return;
      const { epoch } = await signIn(on);
      if (store.epoch !== undefined && store.epoch !== epoch) store.clear();
      repair.connect(on);
      outgoing.connect(async (request) => {
        try {
          return takeMessage((await on.request(request.kind, request.body)).message);
        } catch (error) {
          // An answer that is late leaves everything unknown: begin anew on another connection.
          if (error instanceof ConnectionLost) on.terminate();
          throw error;
        }
      });
      await repair.sync();
      ready = on.isOpen;
      waiters.changed();
      const { code } = await on.closed;
      if (code === SIGNED_OUT_CODE) end(new Error('signed out'));
    } finally {
      ready = false;
      outgoing.connect(undefined);
      repair.connect(undefined);
      on.terminate();
      socket = undefined;
    }
  }

  async function run(): Promise<void> {
    for (let attempt = 0; wanted; attempt++) {
      try {
        await session();
        attempt = 0;
      } catch (error) {
        if (isFinalRefusal(error)) end(error as Error);
      }
      if (wanted) await delay(backoffMs(attempt, RECONNECT), stopWaiting.signal).catch(() => {});
    }
  }

  /** Nothing goes out any more from a device that is out for good. */
  function sendOut(request: OutgoingRequest): Promise<WireMessage> {
    return ended ? Promise.reject(ended) : outgoing.send(request);
  }

  const device: ImDevice = {
    uid: options.signedIn.user.uid,
    store,
    get isReady() {
      return ready;
    },
    get isSettled() {
      return ready && outgoing.unacked === 0 && !repair.isBusy;
    },
    get ended() {
      return ended;
    },
    async connect(timeoutMs = PATIENCE_MS) {
      if (ended) throw ended;
      wanted = true;
      stopWaiting = new AbortController();
      running ??= run().finally(() => {
        running = undefined;
      });
      await waiters.waitFor(() => ready, timeoutMs, 'a synced connection');
    },
    async goOffline() {
      wanted = false;
      stopWaiting.abort();
      void socket?.close();
      await running;
    },
    cut: () => socket?.terminate(),
    send(conversationId, content, extra = {}) {
      const body = {
        conversationId,
        clientMsgId: randomUUID(),
        content: typeof content === 'string' ? { text: { text: content } } : content,
        ...extra,
      };
      return sendOut({ kind: 'sendMessage', body });
    },
    edit(conversationId, seq, text, clientMsgId = randomUUID()) {
      const body = { conversationId, seq, clientMsgId, content: { text: { text } } };
      return sendOut({ kind: 'editMessage', body });
    },
    recall(conversationId, seq, clientMsgId = randomUUID()) {
      return sendOut({ kind: 'recallMessage', body: { conversationId, seq, clientMsgId } });
    },
    async markRead(conversationId, seq) {
      if (!socket) throw new ConnectionLost('the device is offline');
      return socket.request('markRead', { conversationId, seq });
    },
    sync: () => repair.sync(),
    waitFor: (check, timeoutMs = PATIENCE_MS, what) => waiters.waitFor(() => check(store), timeoutMs, what),
    async close() {
      await device.goOffline();
      outgoing.fail(new ConnectionLost('the device was closed'));
    },
  };
  return device;
}
