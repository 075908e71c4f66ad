import { ImError } from '../../errors/im-error.ts';
import type { ServiceTokenVerifier } from '../../identity/service-tokens.ts';
import type { ServiceName } from '../../service/names.ts';
import type { Caller } from '../context.ts';
import {
  API_KEY_ID_KEY,
  API_KEY_SCOPES_KEY,
  CLIENT_ADDRESS_KEY,
  type Metadata,
  SERVICE_TOKEN_KEY,
  SESSION_ID_KEY,
  UID_KEY,
} from '../metadata.ts';
import type { Middleware } from '../middleware.ts';
import type { ServerCall } from './call.ts';

/** Only these check the tokens and keys of people and programs outside. */
const GATEWAYS: readonly ServiceName[] = ['api-gateway', 'ws-gateway'];

/**
 * Establishes who calls. A token that is not good is refused even where
 * nobody in particular may call; for somebody else only gateways may speak.
 */
export function identify(tokens: ServiceTokenVerifier): Middleware<ServerCall> {
  return async (call, next) => {
    const { metadata } = call;
    const token = metadata[SERVICE_TOKEN_KEY];
    if (token === undefined || token === '') {
      if (speaksForSomebody(metadata)) throw new ImError('SIGN_IN_REQUIRED', 'a service token is required');
      return next(call);
    }
    const verified = tokens.verify(token);
    const service = typeof verified === 'string' ? verified : await verified;
    call.caller = callerOf(service, metadata);
    call.clientAddress = metadata[CLIENT_ADDRESS_KEY] ?? '';
    return next(call);
  };
}

function callerOf(service: ServiceName, metadata: Metadata): Caller {
  if (!speaksForSomebody(metadata)) return { kind: 'service', service };
  if (!GATEWAYS.includes(service)) throw new ImError('ACCESS_DENIED', 'only gateways speak for others');
  const uid = metadata[UID_KEY];
  const sessionId = metadata[SESSION_ID_KEY];
  const keyId = metadata[API_KEY_ID_KEY];
  const scopes = metadata[API_KEY_SCOPES_KEY];
  if (uid && sessionId && keyId === undefined && scopes === undefined)
    return { kind: 'user', uid, sessionId, gateway: service };
  if (keyId && scopes !== undefined && uid === undefined && sessionId === undefined)
    return { kind: 'apiKey', keyId, scopes: scopes === '' ? [] : scopes.split(','), gateway: service };
  throw new ImError('ACCESS_DENIED', 'it must be clear for whom a gateway speaks');
}

function speaksForSomebody(metadata: Metadata): boolean {
  return (
    metadata[UID_KEY] !== undefined ||
    metadata[SESSION_ID_KEY] !== undefined ||
    metadata[API_KEY_ID_KEY] !== undefined ||
    metadata[API_KEY_SCOPES_KEY] !== undefined
  );
}
