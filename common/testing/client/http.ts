import { ApiError, ConnectionLost } from './api-error.ts';
import type { WireError } from './wire.ts';

/** Milliseconds after which an unanswered HTTP call counts as lost. */
const CALL_TIMEOUT_MS = 10_000;

/** Calls the public HTTP interface on behalf of one user, one API key or nobody. */
export interface ImClient {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /**
   * Calls and gives the parsed answer. Throws ApiError with the server's own
   * error, ConnectionLost when there was no answer.
   */
  // biome-ignore lint/suspicious/noExplicitAny: the caller knows what the path answers
  call<T = any>(method: string, path: string, body?: unknown): Promise<T>;
  /** The same server with another access token or API key. */
  as(bearer: string): ImClient;
}

/** A client of the server at `baseUrl`; `bearer` is an access token or an API key. */
export function createImClient(baseUrl: string, bearer?: string): ImClient {
  const root = baseUrl.replace(/\/$/, '');
  const headers: Record<string, string> = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  return {
    baseUrl: root,
    as: (other) => createImClient(root, other),
    async call(method, path, body) {
      const asked = `${method} ${path}`;
      const { response, text } = await answerOf(asked, `${root}${path}`, {
        method,
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      });
      if (response.ok) return JSON.parse(text);
      throw new ApiError(errorOf(text, response.status), asked);
    },
  };
}

async function answerOf(asked: string, url: string, init: RequestInit) {
  try {
    const response = await fetch(url, init);
    return { response, text: await response.text() };
  } catch (cause) {
    throw new ConnectionLost(`${asked}: no answer`, { cause });
  }
}

function errorOf(text: string, code: number): WireError {
  try {
    return (JSON.parse(text) as { error: WireError }).error;
  } catch {
    return {
      code,
      status: '',
      reason: '',
      message: `not the contract's error: ${text.slice(0, 200)}`,
      metadata: {},
      requestId: '',
    };
  }
}
