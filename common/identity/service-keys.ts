import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import type { ServiceName } from '../service/names.ts';

/** A service's Ed25519 keys as JSON Web Keys (RFC 8037). The private one never leaves its service. */
export interface ServiceKeyPair {
  readonly publicKey: JWK;
  readonly privateKey: JWK;
}

/** The keys a process knows: the public one of every service, the private one only of its own. */
export type KnownServiceKeys = Readonly<
  Partial<Record<ServiceName, { readonly publicKey: JWK; readonly privateKey: JWK | undefined }>>
>;

/** Which public key speaks for which service. A service without one cannot identify itself. */
export type PublicServiceKeys = Readonly<Partial<Record<ServiceName, JWK>>>;

/** Fresh keys for each of the services. */
export function generateServiceKeys<Name extends ServiceName>(
  names: readonly Name[],
): Record<Name, ServiceKeyPair> {
  return Object.fromEntries(names.map((name) => [name, generateServiceKey()])) as Record<
    Name,
    ServiceKeyPair
  >;
}

/** The public halves, as `createServiceTokenVerifier` takes them. */
export function publicServiceKeys(keys: KnownServiceKeys): PublicServiceKeys {
  return Object.fromEntries(Object.entries(keys).map(([name, pair]) => [name, pair.publicKey]));
}

function generateServiceKey(): ServiceKeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: publicKey.export({ format: 'jwk' }) as JWK,
    privateKey: privateKey.export({ format: 'jwk' }) as JWK,
  };
}
