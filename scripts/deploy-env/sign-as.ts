import { parseArgs } from 'node:util';
import { nearestName } from '@im/common/config/nearest-name.ts';
import { serviceKeyFromSeed } from '@im/common/identity/service-key-text.ts';
import { createServiceTokenIssuer } from '@im/common/identity/service-tokens.ts';
import { SERVICE_NAMES, type ServiceName } from '@im/common/service/names.ts';
import { UsageError } from '../backup/read-flags.ts';
import { readEnvFile } from './env-file.ts';
import { serviceKeyVariables, type Variables } from './variables.ts';

/** 32 bytes in base64url. */
const SEED = /^[A-Za-z0-9_-]{43}$/;

export interface TokenRequest {
  /** Whose key signs. */
  readonly as: ServiceName;
  /** Who takes the token. */
  readonly audience: ServiceName;
  /** Where the key is. */
  readonly variables: Variables;
}

/** Reads the command line; 'help' when it was asked for. Throws UsageError. */
export function readTokenRequest(args: readonly string[], env: Variables): TokenRequest | 'help' {
  const { as, for: audience, env: file, help } = parsed(args);
  if (help) return 'help';
  return {
    as: serviceNamed('--as', as),
    audience: serviceNamed('--for', audience),
    variables: file === undefined ? env : readEnvFile(file),
  };
}

/**
 * A token, good for 60 s, with which a call to `audience` counts as one of `as`.
 * Its key is that of `IM_SERVICE_KEYS`, as a service has it, or of the variable that
 * `init-env` makes. Throws an Error, without the key, where there is none.
 */
export async function signAs({ as, audience, variables }: TokenRequest): Promise<string> {
  const { privateKey } = serviceKeyVariables(as);
  const seed = seedIn(variables.IM_SERVICE_KEYS ?? '', as) ?? variables[privateKey];
  if (!seed) throw new Error(`there is no key of ${as}, neither in IM_SERVICE_KEYS nor in ${privateKey}`);
  if (!SEED.test(seed)) throw new Error(`the key of ${as} must be 32 bytes in base64url`);
  const pair = serviceKeyFromSeed(seed);
  const issuer = createServiceTokenIssuer({ service: as, privateKey: pair.privateKey, now: Date.now });
  return await issuer.token(audience);
}

function seedIn(keys: string, service: ServiceName): string | undefined {
  const items = keys.split(',').map((item) => item.trim().split('='));
  return items.find(([name]) => name === service)?.[1];
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        as: { type: 'string' },
        for: { type: 'string' },
        env: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function serviceNamed(flag: string, name: string | undefined): ServiceName {
  if (name === undefined) throw new UsageError(`${flag} <service> is needed`);
  const known = SERVICE_NAMES.find((service) => service === name);
  if (known !== undefined) return known;
  const near = nearestName(name, SERVICE_NAMES);
  throw new UsageError(
    `${flag}: there is no service "${name}"${near === undefined ? '' : `, did you mean ${near}?`}`,
  );
}
