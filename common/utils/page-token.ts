import type { z } from 'zod';
import { ImError } from '../errors/im-error.ts';

// What api.md promises for every list.
const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 200;

/** Where a list goes on, as an opaque token. `value` is anything JSON can hold; it is not secret and not signed. */
export function encodePageToken(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** What `encodePageToken` was given, checked against `schema`. Throws PAGE_TOKEN_INVALID for anything else. */
export function decodePageToken<T>(token: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parseJson(Buffer.from(token, 'base64url').toString()));
  if (!parsed.success) throw invalidToken();
  return parsed.data;
}

/** The page size to serve for the one asked for: 0 is the default of 50, more than 200 is 200. */
export function pageSizeOf(requested: number): number {
  if (requested === 0) return DEFAULT_PAGE_SIZE;
  return Math.min(requested, MAX_PAGE_SIZE);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidToken();
  }
}

function invalidToken(): ImError {
  return new ImError('PAGE_TOKEN_INVALID', 'pageToken is not one that this list gave', {
    field: 'pageToken',
  });
}
