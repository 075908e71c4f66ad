import { createWaiters } from '@im/common/testing/client/waiters.ts';
import type { ServerFrame } from '@im/common/testing/client/wire.ts';
import { WebSocket } from 'ws';

/** Milliseconds waited for a frame or a close. */
const PATIENCE_MS = 10_000;

/** A WebSocket that sends what it is told and shows every frame as it came. */
export interface RawSocket {
  /** The subprotocol that was agreed on. */
  readonly protocol: string;
  /** Everything that came, oldest first. */
  readonly frames: readonly ServerFrame[];
  /** Text goes as it stands, an object as JSON, bytes as a binary frame. */
  send(frame: string | object | Buffer): void;
  /** The first frame, held or to come, with these fields. */
  frame(predicate: (frame: ServerFrame) => boolean): Promise<ServerFrame>;
  /** The answer to the frame with this id. */
  answer(id: string): Promise<ServerFrame>;
  /** The code that the connection was closed with. */
  closed(): Promise<number>;
  /** Stops reading, as a client that hangs. */
  stopReading(): void;
  startReading(): void;
  terminate(): void;
}

export interface RawSocketOptions {
  protocols?: string | string[];
  headers?: Record<string, string>;
  /** Answer the server's pings (default). */
  autoPong?: boolean;
}

/** Connects. Rejects with what the server answered to the upgrade when it refuses it. */
export async function connectRaw(url: string, options: RawSocketOptions = {}): Promise<RawSocket> {
  const { protocols = 'im.v1.json', headers = {}, autoPong = true } = options;
  const ws = new WebSocket(url, protocols, { headers, autoPong, perMessageDeflate: false });
  const frames: ServerFrame[] = [];
  const waiters = createWaiters();
  let code: number | undefined;
  ws.on('message', (data) => {
    frames.push(JSON.parse(data.toString()));
    waiters.changed();
  });
  ws.on('close', (with_) => {
    code = with_;
    waiters.changed();
  });
  await new Promise<void>((resolve, reject) => {
    ws.once('open', resolve);
    ws.once('error', reject);
  });
  ws.on('error', () => {});
  const frame = (predicate: (frame: ServerFrame) => boolean) =>
    waiters.waitFor(() => frames.find(predicate), PATIENCE_MS, 'the frame');
  return {
    protocol: ws.protocol,
    frames,
    send(given) {
      const isPlain = typeof given === 'string' || Buffer.isBuffer(given);
      ws.send(isPlain ? given : JSON.stringify(given));
    },
    frame,
    answer: (id) => frame(({ replyTo }) => replyTo === id),
    async closed() {
      await waiters.waitFor(() => code !== undefined, PATIENCE_MS, 'the close');
      return code!;
    },
    stopReading: () => ws.pause(),
    startReading: () => ws.resume(),
    terminate: () => ws.terminate(),
  };
}
