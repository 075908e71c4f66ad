import { publicServiceKeys } from '../identity/service-keys.ts';
import { createServiceTokenVerifier } from '../identity/service-tokens.ts';
import { createRpcServer } from '../rpc/server.ts';
import type { RpcBinding } from '../rpc/types.ts';
import type { ServiceHost } from './module.ts';
import type { ProcessKit } from './process-kit.ts';

/** What calls under way may still take once their service stops, in milliseconds: the longest deadline of a call. */
const GRACE_MS = 2_000;

/** Makes a service callable. Gives what ends that: new calls are refused, those under way finish. */
export function serve(
  kit: ProcessKit,
  host: ServiceHost,
  bindings: readonly RpcBinding[],
): () => Promise<void> {
  const { name: service, log, metrics, traces, bootId, now } = host;
  const publicKeysByService = publicServiceKeys(kit.serviceKeys);
  const tokens = createServiceTokenVerifier({ service, publicKeysByService, now });
  const server = createRpcServer({ service, bindings, tokens, log, metrics, traces });
  const remove = kit.network.add(server, bootId);
  return async () => {
    remove();
    await server.stop(GRACE_MS);
  };
}
