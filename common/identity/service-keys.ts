import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import type { ServiceName } from '../service/names.ts';

/** A service's Ed25519 keys as JSON Web Keys (RFC 8037). The private one never leaves its service. */
export interface ServiceKeyPair {
  readonly publicKey: JWK;
  readonly privateKey: JWK;
}

/** What a process knows of a service: the private key only of its own ones. */
export interface KnownServiceKey {
  readonly publicKey: JWK;
  readonly privateKey: JWK | undefined;
  /** Believed as well, while the service's key is being changed. */
  readonly otherPublicKeys?: readonly JWK[];
}

export type KnownServiceKeys = Readonly<Partial<Record<ServiceName, KnownServiceKey>>>;

/** Which public keys speak for which service. A service without one cannot identify itself. */
export type PublicServiceKeys = Readonly<Partial<Record<ServiceName, readonly JWK[]>>>;

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
  return Object.fromEntries(
    Object.entries(keys).map(([name, { publicKey, otherPublicKeys = [] }]) => [
      name,
      [publicKey, ...otherPublicKeys],
    ]),
  );
}

function generateServiceKey(): ServiceKeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: publicKey.export({ format: 'jwk' }) as JWK,
    privateKey: privateKey.export({ format: 'jwk' }) as JWK,
  };
}
