import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a real server, so that a test can take the server away from this client alone. */
export interface TcpProxy {
  /** `127.0.0.1:port` */
  readonly address: string;
  readonly port: number;
  /** Ends every connection, and new ones at once, until `restore`. */
  cut(): void;
  /** Lets nothing through in either direction, on new connections too, until `restore`: a server that hangs. */
  pause(): void;
  /** Ends every connection; new ones are fine. */
  reset(): void;
  restore(): void;
  close(): Promise<void>;
}

/** A proxy to `target`, `host:port`, on a free port. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const at = target.lastIndexOf(':');
  const to = { host: target.slice(0, at), port: Number(target.slice(at + 1)) };
  const pairs = new Set<readonly [Socket, Socket]>();
  let mode: 'open' | 'cut' | 'paused' = 'open';

  const server = createServer((near) => {
    near.on('error', () => {});
    if (mode === 'cut') return near.destroy();
    const far = connect(to);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, other] of [pair, [far, near] as const]) {
      from.on('error', () => {});
      from.on('data', (chunk) => other.write(chunk));
      from.on('close', () => {
        other.destroy();
        pairs.delete(pair);
      });
      if (mode === 'paused') from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const reset = () => {
    for (const pair of [...pairs]) for (const socket of pair) socket.destroy();
  };
  return {
    address: `127.0.0.1:${port}`,
    port,
    cut() {
      mode = 'cut';
      reset();
    },
    pause() {
      mode = 'paused';
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    reset,
    restore() {
      mode = 'open';
      for (const pair of pairs) for (const socket of pair) socket.resume();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      reset();
      await closed;
    },
  };
}
