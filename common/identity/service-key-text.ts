import { createPrivateKey } from 'node:crypto';
import type { JWK } from 'jose';
import { ConfigError } from '../config/config-error.ts';
import { SERVICE_NAMES, type ServiceName } from '../service/names.ts';
import type { KnownServiceKeys } from './service-keys.ts';

/**
 * Service keys as a setting holds them: `user-service=<key>,chat-service=<key>`,
 * each key 32 bytes in base64url (of a private one the seed, RFC 8032).
 */

/** 32 bytes in base64url. */
const KEY = /^[A-Za-z0-9_-]{43}$/;
/** What PKCS #8 writes before the seed of an Ed25519 key (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Both halves of the key that a seed stands for. */
export function serviceKeyFromSeed(seed: string): { publicKey: JWK; privateKey: JWK } {
  const der = Buffer.concat([PKCS8_PREFIX, Buffer.from(seed, 'base64url')]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({
    format: 'jwk',
  }) as JWK;
  const { d: _, ...publicKey } = privateKey;
  return { publicKey, privateKey };
}

/** A setting of these keys: `d` of private ones, `x` of public ones. */
export function serviceKeyText(keys: Readonly<Partial<Record<ServiceName, JWK>>>, part: 'd' | 'x'): string {
  return Object.entries(keys)
    .map(([name, key]) => `${name}=${key[part]}`)
    .join(',');
}

/**
 * The keys of a process that is one of many: the private ones of the services
 * it runs, the public ones of all. Throws ConfigError, without any key in it,
 * when one is missing or does not fit.
 */
export function readServiceKeys(settings: {
  services: readonly ServiceName[];
  serviceKeys: string;
  servicePublicKeys: string;
}): KnownServiceKeys {
  const seeds = keysByName('serviceKeys', settings.serviceKeys);
  const publicOnes = keysByName('servicePublicKeys', settings.servicePublicKeys);
  const keys: Partial<Record<ServiceName, KnownServiceKeys[ServiceName]>> = {};
  for (const name of SERVICE_NAMES) {
    const x = publicOnes.get(name);
    if (x === undefined) throw new ConfigError(`servicePublicKeys: ${name} is missing`);
    keys[name] = { publicKey: { kty: 'OKP', crv: 'Ed25519', x }, privateKey: undefined };
  }
  for (const name of settings.services) {
    const seed = seeds.get(name);
    if (seed === undefined) throw new ConfigError(`serviceKeys: the key of ${name} is missing`);
    const pair = serviceKeyFromSeed(seed);
    if (pair.publicKey.x !== publicOnes.get(name))
      throw new ConfigError(`serviceKeys: the key of ${name} is not the one that servicePublicKeys names`);
    keys[name] = pair;
  }
  return keys;
}

function keysByName(setting: string, text: string): Map<ServiceName, string> {
  const keys = new Map<ServiceName, string>();
  for (const item of text.split(',').filter((part) => part.trim() !== '')) {
    const [name = '', key = ''] = item.trim().split('=');
    if (!(SERVICE_NAMES as readonly string[]).includes(name))
      throw new ConfigError(`${setting}: there is no service "${name}"`);
    if (!KEY.test(key)) throw new ConfigError(`${setting}: the key of ${name} must be 32 bytes in base64url`);
    keys.set(name as ServiceName, key);
  }
  return keys;
}
