import { ImError } from '@im/common/errors/im-error.ts';
import type { Authenticate } from '@im/common/identity/authenticate.ts';
import type { CallOptions, SpokenFor } from '@im/common/rpc/types.ts';
import type { CheckApiKey } from './api-keys.ts';

/** What every API key begins with; access tokens never do. */
const API_KEY_PREFIX = 'imk_';

/** Longer than any API key (user-service refuses more) and any access token. */
const MAX_LENGTH = 4_096;

/** The headers of a request that say who sends it. */
export interface Credentials {
  readonly authorization?: string | undefined;
  readonly origin?: string | undefined;
}

/** Says for whom a request is. Throws UNAUTHENTICATED reasons, and ORIGIN_NOT_ALLOWED for an API key in a browser. */
export type Identify = (headers: Credentials, options: CallOptions) => Promise<SpokenFor>;

/** Tells access tokens from API keys and has each checked by who knows. */
export function createIdentify(parts: { authenticate: Authenticate; checkApiKey: CheckApiKey }): Identify {
  return async (headers, options) => {
    const token = bearerToken(headers.authorization);
    if (token.startsWith(API_KEY_PREFIX)) {
      // A key in a page is a key in everybody's hands.
      if (headers.origin !== undefined) {
        throw new ImError('ORIGIN_NOT_ALLOWED', 'API keys are for servers, not for browsers');
      }
      return parts.checkApiKey(token, options);
    }
    const { uid, sessionId } = await parts.authenticate(token);
    return { kind: 'user', uid, sessionId };
  };
}

function bearerToken(authorization: string | undefined): string {
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw new ImError('SIGN_IN_REQUIRED', 'send Authorization: Bearer <accessToken>');
  if (token.length > MAX_LENGTH) throw new ImError('TOKEN_INVALID', 'this is not a valid access token');
  return token;
}
