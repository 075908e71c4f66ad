import { expect } from 'vitest';
import type { Person } from './people.ts';
import type { Product } from './product.ts';
import { ask, type RawAnswer } from './raw-http.ts';

type Options = NonNullable<Parameters<typeof ask>[1]>;

/** Asks such things as `GET /v1/me`; a body that is no text is written as JSON. */
export type Asker = (line: string, body?: unknown, options?: Options) => Promise<RawAnswer>;

/** Asks on behalf of a person, exactly as told. */
export function askerOf(product: Product, { signedIn }: Person): Asker {
  return (line, body, options = {}) => {
    const [method, path] = line.split(' ') as [string, string];
    const given = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    return ask(product.server.httpUrl + path, {
      method,
      token: signedIn.tokens.accessToken,
      ...(given !== undefined && { body: given }),
      ...options,
    });
  };
}

/** The answer is to be an error of the public interface, with this status and reason. */
export async function expectError(
  answer: Promise<RawAnswer>,
  code: number,
  reason: string,
  metadata: Record<string, string> = {},
): Promise<void> {
  const { status, error, headers } = await answer;
  expect({ status, code: error?.code, reason: error?.reason }).toEqual({ status: code, code, reason });
  expect(error.metadata).toMatchObject(metadata);
  expect(headers.get('x-request-id')).toBe(error.requestId);
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
}
