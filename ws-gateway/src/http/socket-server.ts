import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorJson } from '@im/common/http/error-json.ts';
import { requestIdOf } from '@im/common/http/request-id.ts';
import { isSocketAsked } from '@im/common/http/socket-asked.ts';
import { type HandleUpgrade, nothingElse, SOCKET_PATH } from './upgrade.ts';

/** Connections that may wait to be accepted: after a restart all clients come at once. */
const BACKLOG = 4_096;

/** The gateway's own HTTP server, which serves nothing but sockets. */
export interface SocketServer {
  /** Resolves with the port once it listens; rejects when it is taken. */
  listen(host: string, port: number): Promise<number>;
  /** Takes no more connections; sockets stay. */
  stopListening(): void;
  /** Ends connections that never became sockets. */
  close(): void;
}

export function createSocketServer(handleUpgrade: HandleUpgrade): SocketServer {
  const options = { shouldUpgradeCallback: isSocketAsked };
  const server = createServer(options, ({ url, headers }, response) => {
    const requestId = requestIdOf({ headers });
    const status = url?.split('?')[0] === SOCKET_PATH ? 426 : 404;
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'x-request-id': requestId,
      upgrade: 'websocket',
      connection: 'close',
    });
    response.end(JSON.stringify(errorJson(nothingElse(), requestId)));
  });
  server.on('upgrade', handleUpgrade);
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host, backlog: BACKLOG }, () => {
          server.off('error', reject);
          resolve((server.address() as AddressInfo).port);
        });
      }),
    stopListening: () => void server.close(),
    close: () => server.closeAllConnections(),
  };
}
