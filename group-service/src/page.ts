import { decodePageToken, encodePageToken, pageSizeOf } from '@im/common/utils/page-token.ts';
import type { z } from 'zod';

/**
 * One page of a list that goes on after a position. `read` gives rows after the
 * position it is given, as many as asked for. Throws PAGE_TOKEN_INVALID.
 */
export async function readPage<Row, Position>(options: {
  request: { pageSize: number; pageToken: string };
  schema: z.ZodType<Position>;
  read: (page: { after: Position | undefined; limit: number }) => Promise<Row[]>;
  positionOf: (row: Row) => Position;
}): Promise<{ rows: Row[]; nextPageToken: string }> {
  const { request, schema, read, positionOf } = options;
  const size = pageSizeOf(request.pageSize);
  const after = request.pageToken === '' ? undefined : decodePageToken(request.pageToken, schema);
  const found = await read({ after, limit: size + 1 });
  const rows = found.slice(0, size);
  const last = rows.at(-1);
  const nextPageToken = last && found.length > size ? encodePageToken(positionOf(last)) : '';
  return { rows, nextPageToken };
}
