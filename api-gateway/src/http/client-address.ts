import type { FastifyRequest } from 'fastify';

/** The client's address as far as trusted proxies vouch for it; IPv4 in its own form on a socket for both. */
export function clientAddress({ ip }: Pick<FastifyRequest, 'ip'>): string {
  return (ip ?? '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}
