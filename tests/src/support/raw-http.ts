import type { WireError } from '@im/common/testing/client/wire.ts';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body read as JSON; undefined when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests say what it is to be
  readonly json: any;
  /** The error that the body is. */
  readonly error: WireError;
}

/** One HTTP request exactly as given, for what no good client sends. A string body is sent as JSON unless `headers` say otherwise. */
export async function ask(
  url: string,
  options: { method?: string; headers?: Record<string, string>; token?: string; body?: string } = {},
): Promise<RawAnswer> {
  const { method = 'GET', headers = {}, token, body } = options;
  const response = await fetch(url, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const json = parsed(text);
  return { status: response.status, headers: response.headers, text, json, error: json?.error };
}

// biome-ignore lint/suspicious/noExplicitAny: as above
function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
