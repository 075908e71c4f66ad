import { WebSocket } from 'ws';
import { ApiError, ConnectionLost } from './api-error.ts';
import { frameCodec } from './frame-codec.ts';
import { createWaiters } from './waiters.ts';
import type { ServerFrame, SocketRequests, Welcome } from './wire.ts';

/** Milliseconds an answer may take before the connection counts as lost. */
const ANSWER_TIMEOUT_MS = 15_000;
/** Milliseconds a connection may take to be made. */
const OPEN_TIMEOUT_MS = 10_000;

/** An answer as it came, with what was asked. */
export type SocketAnswer = {
  [K in keyof SocketRequests]: {
    kind: K;
    body: SocketRequests[K]['body'];
    answer: SocketRequests[K]['answer'];
  };
}[keyof SocketRequests];

export interface SocketOptions {
  /** `ws://…/ws` */
  url: string;
  /** `im.v1.json` if left out; `im.v1.proto` speaks protobuf, and frames are shown as JSON all the same. */
  protocol?: string;
  headers?: Record<string, string>;
  /** Called with every frame that answers nothing. */
  onPush?: (frame: ServerFrame) => void;
  /** Called with every answer that is no error. */
  onAnswer?: (answer: SocketAnswer) => void;
  /** Called with every answer that is an error. */
  onRefused?: (error: ApiError) => void;
  /** Keep the pushes for `waitFor` (default); off for long runs. */
  keepPushes?: boolean;
}

/** How a connection ended. */
export interface SocketClosed {
  code: number;
  reason: string;
}

/** One connection, with answers matched to requests by frame id. Nothing is repaired here. */
export interface ImSocket {
  /** The pushes so far, oldest first. */
  readonly pushes: readonly ServerFrame[];
  readonly closed: Promise<SocketClosed>;
  readonly isOpen: boolean;
  hello(accessToken: string): Promise<Welcome>;
  /** Asks and gives the answer. Throws ApiError with the server's own error, ConnectionLost without an answer. */
  request<K extends keyof SocketRequests>(
    kind: K,
    body: SocketRequests[K]['body'],
    timeoutMs?: number,
  ): Promise<SocketRequests[K]['answer']>;
  typing(conversationId: string): void;
  /** Sends text as it stands, for frames that no good client sends. */
  sendRaw(text: string): void;
  /** The first push, held or to come, that `predicate` accepts. */
  waitFor(predicate: (frame: ServerFrame) => boolean, timeoutMs?: number): Promise<ServerFrame>;
  close(): Promise<SocketClosed>;
  /** Cuts the connection as a network would. */
  terminate(): void;
}

/** Connects; `hello` is the caller's to send. Throws ConnectionLost. */
export async function openSocket(options: SocketOptions): Promise<ImSocket> {
  const { protocol = 'im.v1.json' } = options;
  const codec = frameCodec(protocol);
  const ws = new WebSocket(options.url, protocol, {
    headers: options.headers ?? {},
    perMessageDeflate: false,
    handshakeTimeout: OPEN_TIMEOUT_MS,
  });
  const pushes: ServerFrame[] = [];
  const waiters = createWaiters();
  const unanswered = new Map<string, { settle(frame: ServerFrame): void; lost(error: Error): void }>();
  let lastId = 0;

  const closed = new Promise<SocketClosed>((resolve) => {
    ws.once('close', (code, reason) => {
      const lost = new ConnectionLost(`the connection closed with ${code} ${reason}`);
      for (const request of unanswered.values()) request.lost(lost);
      unanswered.clear();
      waiters.fail(lost);
      resolve({ code, reason: reason.toString() });
    });
  });
  ws.on('message', (data) => {
    const frame = codec.decode(data as Buffer) as ServerFrame;
    if (frame.replyTo !== undefined) {
      const request = unanswered.get(frame.replyTo);
      unanswered.delete(frame.replyTo);
      request?.settle(frame);
      return;
    }
    if (options.keepPushes !== false) pushes.push(frame);
    options.onPush?.(frame);
    waiters.changed();
  });
  await new Promise<void>((resolve, reject) => {
    ws.once('open', resolve);
    ws.once('error', (cause) => reject(new ConnectionLost(`no connection to ${options.url}`, { cause })));
  });
  ws.on('error', () => ws.terminate());

  function request<K extends keyof SocketRequests>(
    kind: K,
    body: SocketRequests[K]['body'],
    timeoutMs = ANSWER_TIMEOUT_MS,
  ): Promise<SocketRequests[K]['answer']> {
    return new Promise((resolve, reject) => {
      if (ws.readyState !== WebSocket.OPEN) throw new ConnectionLost('the connection is closed');
      const id = `${++lastId}`;
      const timer = setTimeout(() => {
        unanswered.delete(id);
        reject(new ConnectionLost(`${kind} was not answered within ${timeoutMs} ms`));
      }, timeoutMs);
      unanswered.set(id, {
        settle(frame) {
          clearTimeout(timer);
          if (frame.error) {
            const error = new ApiError(frame.error, kind);
            options.onRefused?.(error);
            return reject(error);
          }
          const answer = frame[ANSWER_NAMES[kind] ?? kind] as SocketRequests[K]['answer'];
          options.onAnswer?.({ kind, body, answer } as SocketAnswer);
          resolve(answer);
        },
        lost(error) {
          clearTimeout(timer);
          reject(error);
        },
      });
      ws.send(codec.encode({ id, [kind]: body }));
    });
  }

  return {
    pushes,
    closed,
    get isOpen() {
      return ws.readyState === WebSocket.OPEN;
    },
    request,
    hello: (accessToken) => request('hello', { accessToken }),
    typing: (conversationId) => ws.send(codec.encode({ id: `${++lastId}`, typing: { conversationId } })),
    sendRaw: (text) => ws.send(text),
    waitFor: (predicate, timeoutMs = 5_000) =>
      waiters.waitFor(() => pushes.find(predicate), timeoutMs, 'the push'),
    close() {
      ws.close(1000);
      return closed;
    },
    terminate: () => ws.terminate(),
  };
}

/** Answers that are not named like what was asked. */
const ANSWER_NAMES: Partial<Record<keyof SocketRequests, string>> = {
  hello: 'welcome',
  renew: 'welcome',
  ping: 'pong',
  watchPresence: 'presence',
};
