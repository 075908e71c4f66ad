import { hostInUrl } from '@im/common/http/host-in-url.ts';

/** Where ws-gateway listens unless told otherwise. */
const SOCKET_PORT = 8081;

/** What clients open where nothing else is configured: ws-gateway's default port on the same host. */
export function defaultSocketUrl(host: string): string {
  return `ws://${hostInUrl(host)}:${SOCKET_PORT}/ws`;
}
