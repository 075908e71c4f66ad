import type { MessageInitShape } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import type { ListUsersRequest, ListUsersResponseSchema } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { decodePageToken, encodePageToken, pageSizeOf } from '@im/common/utils/page-token.ts';
import { sha256Hex } from '@im/common/utils/sha256.ts';
import { z } from 'zod';
import type { UserContext } from '../context.ts';
import { searchQuery, termRange } from '../domain/search-terms.ts';
import { publicUser } from '../domain/user-view.ts';
import { type Account, findAccounts, listEnabled } from '../store/account.ts';
import { listTerms, type SearchTerm } from '../store/search-term.ts';

/** Hexadecimal digits that tell one query's tokens from another's. */
const QUERY_MARK_LENGTH = 8;

/** `rest` is the term behind the query, so that a token stays short. */
const position = z.strictObject({ query: z.string(), rest: z.string(), uid: z.string() });

/** People by a prefix of their username or a part of their nickname; all of them where that is allowed. */
export async function listUsers(
  context: UserContext,
  request: ListUsersRequest,
): Promise<MessageInitShape<typeof ListUsersResponseSchema>> {
  const query = searchQuery(request.query);
  if (query === '' && context.config.directory === 'closed') {
    throw new ImError('QUERY_REQUIRED', 'say whom to look for', { field: 'query' });
  }
  const after = parseToken(request.pageToken, query);
  const pageSize = pageSizeOf(request.pageSize);
  // One more than shown tells whether there is a next page.
  const found = await (query === ''
    ? listAll(context, { after, limit: pageSize + 1 })
    : search(context, query, { after, limit: pageSize + 1 }));
  const shown = found.slice(0, pageSize);
  const last = shown.at(-1);
  return {
    users: shown.map(({ account }) => publicUser(account)),
    nextPageToken:
      last && found.length > pageSize
        ? encodePageToken({
            query: markOf(query),
            rest: last.term.slice(query.length),
            uid: last.account.uid,
          })
        : '',
  };
}

interface Found {
  term: string;
  account: Account;
}

interface Page {
  after: SearchTerm | undefined;
  limit: number;
}

async function listAll({ database }: UserContext, { after, limit }: Page): Promise<Found[]> {
  const accounts = await listEnabled(database.read, { afterUid: after?.uid ?? '', limit });
  return accounts.map((account) => ({ term: '', account }));
}

function search({ database }: UserContext, query: string, page: Page): Promise<Found[]> {
  return database.snapshot(async (trx) => {
    const terms = await listTerms(trx, { ...termRange(query), ...page });
    const uids = terms.map((term) => term.uid);
    const accounts = new Map((await findAccounts(trx, uids)).map((account) => [account.uid, account]));
    return terms.flatMap(({ term, uid }) => {
      const account = accounts.get(uid);
      return account ? [{ term, account }] : [];
    });
  });
}

function parseToken(token: string, query: string): SearchTerm | undefined {
  if (token === '') return undefined;
  const schema = position.refine((value) => value.query === markOf(query));
  const { rest, uid } = decodePageToken(token, schema);
  return { term: query + rest, uid };
}

function markOf(query: string): string {
  return sha256Hex(query).slice(0, QUERY_MARK_LENGTH);
}
