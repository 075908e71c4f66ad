import type { IncomingMessage } from 'node:http';

/**
 * Whether a request asks for a socket. Others offer an upgrade to HTTP/2 (Java,
 * `curl --http2`), which may be ignored: the request is served as it came.
 */
export function isSocketAsked({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}
