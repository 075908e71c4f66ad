/** A bound address as it stands in a URL. One that means "every address" is reached as localhost from here. */
export function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
