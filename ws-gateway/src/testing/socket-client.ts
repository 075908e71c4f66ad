import { frameCodec } from '@im/common/testing/client/frame-codec.ts';
import { vi } from 'vitest';
import { WebSocket } from 'ws';

// biome-ignore lint/suspicious/noExplicitAny: frames as they came, for tests to look into
export type Frame = any;

/** A socket that hides nothing: frames as they come and go, in JSON whatever the protocol. */
export interface TestSocket {
  readonly ws: WebSocket;
  /** All that came, in order. */
  readonly frames: Frame[];
  /** Sends a frame with an id of its own and gives that id. */
  send(frame: Record<string, unknown>): string;
  raw(data: string | Uint8Array): void;
  /** Sends a frame and waits for its answer. */
  ask(frame: Record<string, unknown>): Promise<Frame>;
  /** The answer to a frame that was sent. */
  answerTo(id: string): Promise<Frame>;
  /** The first frame that `matches`, there already or to come. */
  waitFor(matches: (frame: Frame) => unknown): Promise<Frame>;
  /** How it was closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
}

export interface ConnectOptions {
  protocols?: string | string[];
  headers?: Record<string, string>;
  /** Whether pings of the server are answered; they are by default. */
  autoPong?: boolean;
}

/** Opens a socket; rejects with the HTTP status when it is refused. */
export async function connect(url: string, options: ConnectOptions = {}): Promise<TestSocket> {
  const { protocols = 'im.v1.json', headers = {}, autoPong = true } = options;
  const ws = new WebSocket(url, protocols, { headers, autoPong });
  const frames: Frame[] = [];
  let lastId = 0;
  ws.on('message', (data) => frames.push(frameCodec(ws.protocol).decode(data as Buffer)));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await new Promise<void>((resolve, reject) => {
    ws.on('open', resolve);
    ws.on('unexpected-response', (_request, response) => {
      reject(new Error(`HTTP ${response.statusCode}`));
      response.destroy();
    });
    ws.on('error', reject);
  });

  const socket: TestSocket = {
    ws,
    frames,
    closed,
    raw: (data) => ws.send(data),
    send(frame) {
      lastId += 1;
      ws.send(frameCodec(ws.protocol).encode({ id: String(lastId), ...frame }));
      return String(lastId);
    },
    ask: (frame) => socket.answerTo(socket.send(frame)),
    answerTo: (id) => socket.waitFor((frame) => frame.replyTo === id),
    waitFor: (matches) =>
      vi.waitFor(
        () => {
          const found = frames.find((frame) => matches(frame));
          if (found === undefined) throw new Error(`not among ${JSON.stringify(frames).slice(0, 2_000)}`);
          return found;
        },
        { timeout: 10_000, interval: 5 },
      ),
  };
  return socket;
}
