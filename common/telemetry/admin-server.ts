import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { isLoopback } from '../utils/network-address.ts';
import { renderMetrics } from './metrics.ts';

/** Metrics are nobody's business outside the machine, unless its operator says so. */
export const DEFAULT_ADMIN_HOST = '127.0.0.1';
/** Used unless another is asked for; when it is taken, a free one is as good. */
export const DEFAULT_ADMIN_PORT = 9090;

/** Answers a request of its own; what it throws becomes 500. */
export type AdminRoute = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface AdminServerOptions {
  /** What it binds to; the loopback address if left out. */
  host?: string | undefined;
  /** 0 is a free port; a taken default port becomes a free one. */
  port: number;
  /** 9090 if left out; a seam for tests. */
  defaultPort?: number;
  /** What `/metrics` shows, asked at each scrape. */
  registries: () => readonly Registry[];
  /** What is missing before the process can serve, a sentence each; empty once it can. */
  notReady: () => readonly string[];
  /** What else is served, by method and path: `POST /backup`. To this machine only, whatever the host. */
  routes?: Readonly<Record<string, AdminRoute>> | undefined;
}

export interface AdminServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** Serves `/metrics`, `/healthz` and `/readyz`. Rejects when the port is taken. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const server = createServer((request, response) => {
    const method = request.method ?? '';
    const path = (request.url ?? '').split('?')[0] ?? '';
    const near = isLoopback(request.socket.remoteAddress ?? '');
    const route = near ? options.routes?.[`${method} ${path}`] : undefined;
    void (route ? answerBy(route, request, response) : answer(options, method, path, response));
  });
  await listenOrFallBack(server, options);
  const { address, port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answerBy(
  route: AdminRoute,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await route(request, response);
  } catch {
    if (response.headersSent) response.destroy();
    else send(response, 500, 'it failed, the log says why\n');
  }
}

async function answer(
  options: AdminServerOptions,
  method: string,
  path: string,
  response: ServerResponse,
): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') return send(response, 405, 'only GET\n');
  if (path === '/healthz') return send(response, 200, 'ok\n');
  if (path === '/readyz') {
    const missing = options.notReady();
    return missing.length === 0
      ? send(response, 200, 'ready\n')
      : send(response, 503, missing.map((reason) => `${reason}\n`).join(''));
  }
  if (path !== '/metrics') return send(response, 404, 'here are /metrics, /healthz and /readyz\n');
  try {
    const page = await renderMetrics(options.registries());
    send(response, 200, page, 'text/plain; version=0.0.4; charset=utf-8');
  } catch {
    send(response, 500, 'the metrics could not be collected\n');
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}

async function listenOrFallBack(server: Server, options: AdminServerOptions): Promise<void> {
  const { host = DEFAULT_ADMIN_HOST, port, defaultPort = DEFAULT_ADMIN_PORT } = options;
  try {
    await listen(server, host, port);
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    if (!taken || port !== defaultPort) throw error;
    await listen(server, host, 0);
  }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}
