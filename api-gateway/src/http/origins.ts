/** Whether pages of `origin` may call; `host` is the name and port that the request itself was sent to. */
export type OriginRule = (origin: string, host: string) => boolean;

const LOCAL_NAMES = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/;

/**
 * The rule of `allowedOrigins`: the listed ones, `*` for any; without a list the server's own, and localhost on
 * any port too when the server is bound to loopback. Whether the own one is http or https is known only to the
 * proxy in front, so it is told by name and port alone.
 */
export function createOriginRule(allowed: readonly string[], boundHost: string): OriginRule {
  if (allowed.length > 0) return (origin) => allowed.includes('*') || allowed.includes(origin);
  const onLoopback = LOCAL_NAMES.test(boundHost);
  return (origin, host) => {
    const url = URL.parse(origin);
    if (url === null || !/^https?:$/.test(url.protocol)) return false;
    return url.host === host.toLowerCase() || (onLoopback && LOCAL_NAMES.test(url.hostname));
  };
}
