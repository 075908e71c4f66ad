import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';

/**
 * Returns how to close the app: accepts nothing more, lets the requests under way finish, then cuts all
 * connections, also those on which no request ever came; after `boundMs` whatever is under way. Sockets that
 * others took over are theirs to close.
 */
export function closeWithin(app: FastifyInstance, boundMs: number): () => Promise<void> {
  const requests = countRequests(app.server);
  return async () => {
    const bound = Promise.withResolvers<void>();
    const timer = setTimeout(bound.resolve, boundMs);
    // Ends when the last connection does, which may be one that only the bound ends.
    const closed = app.close();
    await Promise.race([requests.none(), bound.promise]);
    app.server.closeAllConnections();
    await Promise.race([closed, bound.promise]);
    clearTimeout(timer);
  };
}

/** Follows how many requests are under way. */
function countRequests(server: Server): { none(): Promise<void> } {
  let count = 0;
  let tellNone: (() => void) | undefined;
  server.on('request', (_request, response) => {
    count++;
    response.once('close', () => {
      count--;
      if (count === 0) tellNone?.();
    });
  });
  return {
    none() {
      if (count === 0) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      tellNone = resolve;
      return promise;
    },
  };
}
