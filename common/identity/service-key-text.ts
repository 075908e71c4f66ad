import { createPrivateKey } from 'node:crypto';
import type { JWK } from 'jose';
import { ConfigError } from '../config/config-error.ts';
import { SERVICE_NAMES, type ServiceName } from '../service/names.ts';
import type { KnownServiceKey, KnownServiceKeys, PublicServiceKeys } from './service-keys.ts';

/**
 * Service keys as a setting holds them: `user-service=<key>,chat-service=<key>`,
 * each key 32 bytes in base64url (of a private one the seed, RFC 8032). While a
 * service's key is being changed it stands there with two public ones.
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
export function serviceKeyText(keys: PublicServiceKeys, part: 'd' | 'x'): string {
  return Object.entries(keys)
    .flatMap(([name, list]) => list.map((key) => `${name}=${key[part]}`))
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
  const keys: Partial<Record<ServiceName, KnownServiceKey>> = {};
  for (const name of SERVICE_NAMES) {
    const [publicKey, ...otherPublicKeys] = (publicOnes.get(name) ?? []).map(publicKeyOf);
    if (publicKey === undefined) throw new ConfigError(`servicePublicKeys: ${name} is missing`);
    keys[name] = { publicKey, privateKey: undefined, otherPublicKeys };
  }
  for (const name of settings.services) {
    const [seed, second] = seeds.get(name) ?? [];
    if (seed === undefined) throw new ConfigError(`serviceKeys: the key of ${name} is missing`);
    if (second !== undefined) throw new ConfigError(`serviceKeys: ${name} signs with one key, not with two`);
    const { publicKey, privateKey } = serviceKeyFromSeed(seed);
    const known = publicOnes.get(name) ?? [];
    if (!known.includes(publicKey.x!))
      throw new ConfigError(`serviceKeys: the key of ${name} is not one that servicePublicKeys names`);
    const others = known.filter((x) => x !== publicKey.x);
    keys[name] = { publicKey, privateKey, otherPublicKeys: others.map(publicKeyOf) };
  }
  return keys;
}

function publicKeyOf(x: string): JWK {
  return { kty: 'OKP', crv: 'Ed25519', x };
}

function keysByName(setting: string, text: string): Map<ServiceName, string[]> {
  const keys = new Map<ServiceName, string[]>();
  for (const item of text.split(',').filter((part) => part.trim() !== '')) {
    const [name = '', key = ''] = item.trim().split('=');
    if (!(SERVICE_NAMES as readonly string[]).includes(name))
      throw new ConfigError(`${setting}: there is no service "${name}"`);
    if (!KEY.test(key)) throw new ConfigError(`${setting}: the key of ${name} must be 32 bytes in base64url`);
    const others = keys.get(name as ServiceName);
    if (others) others.push(key);
    else keys.set(name as ServiceName, [key]);
  }
  return keys;
}
