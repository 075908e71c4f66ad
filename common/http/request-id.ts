import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What may be written to logs and headers as it is. */
const SANE = /^[A-Za-z0-9._-]{1,64}$/;

/** The id of a request: the one it brings, so that a product's own logs can be joined with these, else a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const brought = headers['x-request-id'];
  return typeof brought === 'string' && SANE.test(brought) ? brought : randomUUID();
}
