import { serviceKeyText } from '../../identity/service-key-text.ts';
import { generateServiceKeys, publicServiceKeys, type ServiceKeyPair } from '../../identity/service-keys.ts';
import { SERVICE_NAMES, type ServiceName } from '../../service/names.ts';
import { randomToken } from '../../utils/random-id.ts';
import type { ClusterNames } from './cluster-names.ts';
import { sharedSecrets } from './shared-secrets.ts';

/** What the services of one cluster share, as the environment of their processes. */
export interface ServiceEnvironment {
  readonly adminKey: string;
  readonly keys: Readonly<Record<ServiceName, ServiceKeyPair>>;
  /** Of a process of this service. */
  of(service: ServiceName): Record<string, string>;
}

const PATH = process.env.PATH ?? '';

/** With secrets of its own. */
export function serviceEnvironment(names: Omit<ClusterNames, 'remove'>): ServiceEnvironment {
  const keys = generateServiceKeys(SERVICE_NAMES);
  const publicKeys = serviceKeyText(publicServiceKeys(keys), 'x');
  const secrets = sharedSecrets(randomToken(16));
  const adminKey = `imk_bootstrap_${randomToken(32)}`;
  const cache = { IM_CACHE: names.cache };
  const own: Record<ServiceName, Record<string, string>> = {
    'user-service': { IM_ADMIN_KEY: adminKey, IM_PASSWORD_MEMORY_KI_B: '8', IM_PASSWORD_PASSES: '1' },
    'auth-service': {
      IM_SESSIONS: names.sessions,
      IM_SIGNING_KEYS: JSON.stringify(secrets.signingKeys),
      IM_REFRESH_SECRET: String(secrets.refreshSecret),
    },
    'friend-service': cache,
    'group-service': cache,
    'chat-service': { ...cache, IM_BUS: names.bus },
    'api-gateway': { ...cache, IM_PORT: '0' },
    'ws-gateway': { ...cache, IM_PORT: '0' },
  };
  return {
    adminKey,
    keys,
    of(service) {
      const database = names.databaseOf(service);
      return {
        PATH,
        IM_REGISTRY: names.registry,
        IM_SERVICE_KEYS: serviceKeyText({ [service]: [keys[service].privateKey] }, 'd'),
        IM_SERVICE_PUBLIC_KEYS: publicKeys,
        ...(database === undefined ? {} : { IM_DATABASE: database }),
        ...own[service],
      };
    },
  };
}
