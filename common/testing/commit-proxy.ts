import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands before a MySQL server and can lose what becomes of a COMMIT. */
export interface CommitProxy {
  readonly port: number;
  /** The next COMMIT reaches the server and is done; the connection breaks before its answer comes. */
  loseNextAnswer(): void;
  /** The next COMMIT never reaches the server; the connection breaks instead. */
  loseNextCommit(): void;
  close(): Promise<void>;
}

/** The text of a COMMIT as the adapter sends it; nothing else that these tests send holds it. */
const COMMIT = 'commit';

export async function startCommitProxy(target: { host: string; port: number }): Promise<CommitProxy> {
  const sockets = new Set<Socket>();
  let next: 'nothing' | 'answer' | 'commit' = 'nothing';
  const server = createServer((near) => {
    const far = connect(target);
    let losing = false;
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.on('data', (chunk) => {
      if (next !== 'nothing' && chunk.includes(COMMIT)) {
        const lost = next;
        next = 'nothing';
        if (lost === 'commit') {
          near.destroy();
          return;
        }
        losing = true;
      }
      far.write(chunk);
    });
    far.on('data', (chunk) => {
      if (losing) near.destroy();
      else near.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    loseNextAnswer() {
      next = 'answer';
    },
    loseNextCommit() {
      next = 'commit';
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
