const LOCAL_NAMES = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/;

export interface OriginPolicy {
  /** Origins that may connect, `*` for any; empty for the server's own. */
  readonly allowedOrigins: readonly string[];
  /** The address the gateway is bound to. */
  readonly boundHost: string;
}

/**
 * Whether a page of this origin may open a socket. Clients that are no
 * browsers send none and pass. The server's own is any port of the host that
 * the request was sent to, since HTTP and sockets have a port each; on a
 * server bound to loopback localhost is as good.
 */
export function isOriginAllowed(
  origin: string | undefined,
  requestHost: string | undefined,
  policy: OriginPolicy,
): boolean {
  if (origin === undefined) return true;
  const { allowedOrigins, boundHost } = policy;
  if (allowedOrigins.length > 0) return allowedOrigins.includes('*') || allowedOrigins.includes(origin);
  const url = URL.parse(origin);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
  if (LOCAL_NAMES.test(boundHost) && LOCAL_NAMES.test(url.hostname)) return true;
  return requestHost !== undefined && URL.parse(`http://${requestHost}`)?.hostname === url.hostname;
}
