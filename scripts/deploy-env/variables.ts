import { generateKeyPairSync } from 'node:crypto';
import { ConfigError } from '@im/common/config/config-error.ts';
import { serviceKeyFromSeed } from '@im/common/identity/service-key-text.ts';
import { generateServiceKeys } from '@im/common/identity/service-keys.ts';
import { SERVICE_NAMES, type ServiceName } from '@im/common/service/names.ts';
import { randomToken } from '@im/common/utils/random-id.ts';

/** 256 bits. In base64url, so that a password may stand in a URL and in SQL as it is. */
const SECRET_BYTES = 32;
/** What every API key begins with, so that gateways and scanners of leaked secrets know one. */
const ADMIN_KEY_PREFIX = 'imk_bootstrap_';
/** 32 bytes in base64url. */
const SEED = /^[A-Za-z0-9_-]{43}$/;

export type Variables = Readonly<Record<string, string | undefined>>;

/** Variables that belong together. */
export interface VariableGroup {
  /** What they are for, for who reads the file. */
  readonly comment: string;
  readonly names: readonly string[];
  /** Values for those that are missing, out of those that are there. Throws ConfigError where that cannot be. */
  make(present: Variables): Record<string, string>;
}

/** What `deploy/docker-compose.yaml` asks for and nobody should choose by hand. */
export const VARIABLE_GROUPS: readonly VariableGroup[] = [
  each(
    'Passwords of MySQL. They are given to it when its volume is new; later changes need ALTER USER as well.',
    ['ROOT', 'USER', 'FRIEND', 'GROUP', 'CHAT'].map((whose) => `IM_MYSQL_${whose}_PASSWORD`),
  ),
  each('Passwords of the two Redis.', ['IM_REDIS_SESSION_PASSWORD', 'IM_REDIS_CACHE_PASSWORD']),
  each('The first key of the server API, with all scopes.', ['IM_ADMIN_KEY'], makeAdminKey),
  each('Makes refresh tokens: another value signs every device out.', ['IM_REFRESH_SECRET']),
  each(
    'Sign access tokens; auth-service/etc tells how they are changed.',
    ['IM_SIGNING_KEYS'],
    makeSigningKeys,
  ),
  ...SERVICE_NAMES.map(serviceKeyGroup),
];

/** The variables that hold the two halves of a service's key. */
export function serviceKeyVariables(service: ServiceName): { privateKey: string; publicKey: string } {
  const name = `IM_${service.toUpperCase().replaceAll('-', '_')}`;
  return { privateKey: `${name}_KEY`, publicKey: `${name}_PUBLIC_KEY` };
}

/** Variables that do not depend on each other. */
function each(comment: string, names: readonly string[], makeOne = makeSecret): VariableGroup {
  return {
    comment,
    names,
    make: (present) =>
      Object.fromEntries(names.filter((name) => !present[name]).map((name) => [name, makeOne()])),
  };
}

/** None that begins like an option of a command line. */
function makeSecret(): string {
  const secret = randomToken(SECRET_BYTES);
  return secret.startsWith('-') ? makeSecret() : secret;
}

function makeAdminKey(): string {
  return ADMIN_KEY_PREFIX + makeSecret();
}

function makeSigningKeys(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { kty, crv, x, d } = privateKey.export({ format: 'jwk' });
  return JSON.stringify([{ kid: randomToken(9), privateJwk: { kty, crv, x, d } }]);
}

function serviceKeyGroup(service: ServiceName): VariableGroup {
  const { privateKey, publicKey } = serviceKeyVariables(service);
  return {
    comment: `What ${service} proves with that it is the one that calls, and what the others know it by.`,
    names: [privateKey, publicKey],
    make(present) {
      const seed = present[privateKey];
      const known = present[publicKey];
      if (!seed) {
        if (known)
          throw new ConfigError(
            `${publicKey} is there without ${privateKey}; without both, new ones are made`,
          );
        const pair = generateServiceKeys([service])[service];
        return { [privateKey]: pair.privateKey.d!, [publicKey]: pair.publicKey.x! };
      }
      if (!SEED.test(seed)) throw new ConfigError(`${privateKey} must be 32 bytes in base64url`);
      const { x } = serviceKeyFromSeed(seed).publicKey;
      // While the key is being changed it holds two: `<old>,<service>=<new>`.
      if (known && !known.split(`,${service}=`).includes(x!))
        throw new ConfigError(`${publicKey} does not belong to ${privateKey}`);
      return known ? {} : { [publicKey]: x! };
    },
  };
}
