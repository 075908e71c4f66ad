/** Where ws-gateway listens unless told otherwise. */
const SOCKET_PORT = 8081;

/** What clients open where nothing else is configured: ws-gateway's default port on the same host. */
export function defaultSocketUrl(host: string): string {
  return `ws://${hostInUrl(host)}:${SOCKET_PORT}/ws`;
}

/** A bound address as it stands in a URL. One that means "every address" is reached as localhost from here. */
export function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
