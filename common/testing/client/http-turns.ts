import { ApiError } from './api-error.ts';
import { createImClient, type ImClient } from './http.ts';

export interface TurnsOptions {
  /** Of the servers, without a trailing slash. */
  urls: readonly string[];
  bearer?: string;
  /** Told of every refusal as it came, and after how many milliseconds. */
  onRefused?: (error: ApiError, tookMs: number) => void;
}

/** A client whose calls take turns among several servers, so that one asked again is asked of the next. */
export function createTurnsClient({ urls, bearer, onRefused }: TurnsOptions): ImClient {
  let turn = 0;
  const turns = (clients: readonly ImClient[]): ImClient => ({
    baseUrl: clients[0]!.baseUrl,
    as: (other) => turns(clients.map((client) => client.as(other))),
    async call(method, path, body) {
      const askedAt = performance.now();
      try {
        return await clients[turn++ % clients.length]!.call(method, path, body);
      } catch (error) {
        if (error instanceof ApiError) onRefused?.(error, performance.now() - askedAt);
        throw error;
      }
    },
  });
  return turns(urls.map((url) => createImClient(url, bearer)));
}
