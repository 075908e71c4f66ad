import type { Message } from '@bufbuild/protobuf';
import type { ServiceTokenIssuer } from '../../identity/service-tokens.ts';
import { formatTraceparent } from '../../telemetry/traceparent.ts';
import { callCancelled } from '../cancelled.ts';
import {
  API_KEY_ID_KEY,
  API_KEY_SCOPES_KEY,
  CLIENT_ADDRESS_KEY,
  REQUEST_ID_KEY,
  SERVICE_TOKEN_KEY,
  SESSION_ID_KEY,
  TIMEOUT_MS_KEY,
  TRACEPARENT_KEY,
  UID_KEY,
} from '../metadata.ts';
import type { Next } from '../middleware.ts';
import type { Transport, TransportCall } from '../transport.ts';
import type { ClientCall, StreamCall } from './call.ts';

/** Hands the call to the transport, with all that travels beside it. */
export function send(transport: Transport, tokens: ServiceTokenIssuer): Next<ClientCall> {
  return async (call) => {
    const issued = tokens.token(call.target);
    const outgoing: TransportCall = {
      target: call.target,
      instance: call.options.instance,
      routeKey: call.routeKey,
      avoid: call.tried,
      chosen: (address) => call.tried.push(address),
      metadata: metadataOf(call, typeof issued === 'string' ? issued : await issued),
      signal: call.cancellation.signal,
    };
    if (call.kind === 'unary') return transport.unary(call.method, call.request, outgoing);
    return sendStream(call, transport, outgoing);
  };
}

async function sendStream(
  call: StreamCall,
  transport: Transport,
  outgoing: TransportCall,
): Promise<Message | undefined> {
  call.requests.open(call.source).then(
    () => call.requests.close(),
    (cause) => call.cancellation.abort(Object.assign(callCancelled(), { cause })),
  );
  await call.answers.open(transport.bidi(call.method, call.requests, outgoing));
  return undefined;
}

function metadataOf(call: ClientCall, token: string): Record<string, string> {
  const { speakFor, clientAddress, within } = call.options;
  const metadata: Record<string, string> = {
    [SERVICE_TOKEN_KEY]: token,
    [REQUEST_ID_KEY]: call.requestId,
  };
  if (call.deadlineAt !== Number.POSITIVE_INFINITY)
    metadata[TIMEOUT_MS_KEY] = String(Math.max(1, Math.ceil(call.deadlineAt - performance.now())));
  if (call.trace !== undefined) metadata[TRACEPARENT_KEY] = formatTraceparent(call.trace);
  const address = clientAddress ?? within?.clientAddress ?? '';
  if (address !== '') metadata[CLIENT_ADDRESS_KEY] = address;
  if (speakFor?.kind === 'user') {
    metadata[UID_KEY] = speakFor.uid;
    metadata[SESSION_ID_KEY] = speakFor.sessionId;
  } else if (speakFor?.kind === 'apiKey') {
    metadata[API_KEY_ID_KEY] = speakFor.keyId;
    metadata[API_KEY_SCOPES_KEY] = speakFor.scopes.join(',');
  }
  return metadata;
}
