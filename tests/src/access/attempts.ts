import { create, type DescMethod, getOption, hasOption, type JsonObject, toJson } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import { http } from '@im/common/gen/google/api/annotations_pb.ts';
import type { MessageInit } from '@im/common/rpc/message-init.ts';
import type { SpokenFor } from '@im/common/rpc/types.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import { ApiError } from '@im/common/testing/client/api-error.ts';
import type { ImClient } from '@im/common/testing/client/http.ts';
import type { Person } from '../support/people.ts';
import type { ProductServer } from '../support/product.ts';
import type { Method } from './methods.ts';
import type { Outcome } from './row.ts';
import type { Key } from './world.ts';

type Unary = (request: MessageInit, options: object) => Promise<unknown>;
type Streaming = (requests: AsyncIterable<MessageInit>, options: object) => AsyncIterable<object>;
type Client = Record<string, Unary & Streaming>;

/** What comes of a call that a service makes over the network between the services. */
export async function rpcOutcome(
  server: ProductServer,
  { service, rpc }: Method,
  call: { as: ServiceName; speakFor?: SpokenFor; request: MessageInit },
): Promise<Outcome> {
  const client = server.client(service, call.as) as unknown as Client;
  const options = call.speakFor === undefined ? {} : { speakFor: call.speakFor };
  try {
    if (rpc.methodKind === 'unary') await client[rpc.localName]!(call.request, options);
    else return await streamOutcome(client[rpc.localName]!, call.request, options);
    return 'ok';
  } catch (error) {
    if (error instanceof ImError) return error.reason;
    throw error;
  }
}

/** The first answer decides; a refused item of SendStream is an answer too. */
async function streamOutcome(call: Streaming, request: MessageInit, options: object): Promise<Outcome> {
  const over = new AbortController();
  async function* requests() {
    yield request;
    await new Promise((resolve) => over.signal.addEventListener('abort', resolve));
  }
  try {
    for await (const answer of call(requests(), options)) {
      const { results } = answer as { results?: { result: { case: string; value: { reason: Outcome } } }[] };
      const first = results?.[0]?.result;
      return first?.case === 'error' ? first.value.reason : 'ok';
    }
    throw new Error('the stream ended without an answer');
  } finally {
    over.abort();
  }
}

/** Whether people and programs outside reach the method over HTTP. */
export function hasRoute({ rpc }: Method): boolean {
  return hasOption(rpc, http);
}

/** What comes of the same request over HTTP. */
export async function httpOutcome(client: ImClient, { rpc }: Method, request: MessageInit): Promise<Outcome> {
  const route = routeOf(rpc, request);
  try {
    await client.call(route.method, route.path, route.body);
    return 'ok';
  } catch (error) {
    if (error instanceof ApiError) return error.reason as Outcome;
    throw error;
  }
}

export function speakForUser({ uid, sessionId }: Person): SpokenFor {
  return { kind: 'user', uid, sessionId };
}

export function speakForKey({ keyId, scopes }: Key): SpokenFor {
  return { kind: 'apiKey', keyId, scopes };
}

/** The request as its annotation says: fields in the path, the others in the body or the query. */
function routeOf(rpc: DescMethod, request: MessageInit) {
  const { pattern, body } = getOption(rpc, http);
  const json = toJson(rpc.input, create(rpc.input, request)) as JsonObject;
  // Over HTTP the keys of the body are the mask.
  delete json.updateMask;
  const path = (pattern.value as string).replace(/\{(\w+)\}/g, (_, name: string) => {
    const key = rpc.input.fields.find((field) => field.name === name)!.jsonName;
    const value = String(json[key]);
    delete json[key];
    return encodeURIComponent(value);
  });
  const method = pattern.case!.toUpperCase();
  if (body === '*') return { method, path, body: json };
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(json)) query.set(key, String(value));
  return { method, path: query.size === 0 ? path : `${path}?${query}` };
}
