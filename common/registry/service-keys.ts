import type { ServiceName } from '../service/names.ts';

/** The keys that services are found by, written as go-zero writes them. api-gateway is called by nobody. */
const SERVICE_KEYS: Readonly<Partial<Record<ServiceName, string>>> = {
  'user-service': 'user.rpc',
  'auth-service': 'auth.rpc',
  'friend-service': 'friend.rpc',
  'group-service': 'group.rpc',
  'chat-service': 'chat.rpc',
  'ws-gateway': 'ws.rpc',
};

/** The key of a service in the registry; undefined for one that registers nothing. */
export function serviceKeyOf(service: ServiceName): string | undefined {
  return SERVICE_KEYS[service];
}
