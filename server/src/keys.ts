import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@im/common/config/config-error.ts';
import { generateServiceKeys, type ServiceKeyPair } from '@im/common/identity/service-keys.ts';
import { SERVICE_NAMES, type ServiceName } from '@im/common/service/names.ts';
import { writePrivateFile } from '@im/common/utils/private-file.ts';
import { randomToken } from '@im/common/utils/random-id.ts';
import { z } from 'zod';

// 256 bits, for the HMAC of refresh tokens and for the API key.
const SECRET_BYTES = 32;
// What every API key begins with, so that gateways and scanners of leaked secrets know one.
const ADMIN_KEY_PREFIX = 'imk_bootstrap_';

const okpKey = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string(),
});

const keysFile = z.strictObject({
  /** Sign access tokens; the first one is in use. */
  accessTokenKeys: z.array(z.strictObject({ kid: z.string(), privateJwk: okpKey })).min(1),
  /** Makes refresh tokens. */
  refreshSecret: z.string().min(32),
  /** What the services prove to each other who they are with. */
  serviceKeys: z.partialRecord(
    z.enum(SERVICE_NAMES),
    z.object({ publicKey: okpKey.omit({ d: true }), privateKey: okpKey }),
  ),
});

export interface ProcessKeys {
  readonly accessTokenKeys: z.output<typeof keysFile>['accessTokenKeys'];
  readonly refreshSecret: string;
  readonly serviceKeys: Readonly<Record<ServiceName, ServiceKeyPair>>;
}

/**
 * The process's own keys, kept in `<dataDir>/keys.json` (0600). Made the first
 * time; a service that is new since then gets its key added.
 */
export function loadKeys(dataDir: string): ProcessKeys {
  const file = join(dataDir, 'keys.json');
  const kept = existsSync(file) ? readKeys(file) : undefined;
  const accessTokenKeys = kept?.accessTokenKeys ?? [makeAccessTokenKey()];
  const refreshSecret = kept?.refreshSecret ?? randomToken(SECRET_BYTES);
  const serviceKeys = { ...generateServiceKeys(SERVICE_NAMES), ...kept?.serviceKeys };
  const keys = { accessTokenKeys, refreshSecret, serviceKeys };
  const complete = SERVICE_NAMES.every((name) => kept?.serviceKeys[name] !== undefined);
  if (!complete) writePrivateFile(file, `${JSON.stringify(keys, undefined, 2)}\n`);
  return keys;
}

/** The first key of the server API, kept in `<dataDir>/admin.key` (0600); made the first time. */
export function loadAdminKey(dataDir: string): { file: string; key: string } {
  const file = join(dataDir, 'admin.key');
  if (!existsSync(file)) writePrivateFile(file, `${ADMIN_KEY_PREFIX}${randomToken(SECRET_BYTES)}\n`);
  return { file, key: readFileSync(file, 'utf8').trim() };
}

function readKeys(file: string): z.output<typeof keysFile> {
  try {
    return keysFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // What is wrong with it is not told: the content is secret.
    throw new ConfigError(`${file}: cannot be read as the keys of this server; put the original back`);
  }
}

function makeAccessTokenKey(): ProcessKeys['accessTokenKeys'][number] {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { kid: randomToken(9), privateJwk: okpKey.parse(privateKey.export({ format: 'jwk' })) };
}
