import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../config/config-error.ts';
import type { GrpcTls } from '../rpc/grpc/tls.ts';
import type { RpcTlsSetting } from './port-settings.ts';

/**
 * Reads the files of the setting; undefined where there is none. Throws
 * ConfigError that names the key: of a file that cannot be read or is not what
 * it should be, and of a private key that is not the certificate's.
 */
export function readRpcTls({ ca, cert, key, serverName }: RpcTlsSetting): GrpcTls | undefined {
  if (ca === '') return undefined;
  const authority = readPem('rpc.tls.ca', ca, 'a certificate', (pem) => new X509Certificate(pem));
  const certificate = readPem('rpc.tls.cert', cert, 'a certificate', (pem) => new X509Certificate(pem));
  const privateKey = readPem('rpc.tls.key', key, 'a private key', createPrivateKey);
  if (!certificate.parsed.checkPrivateKey(privateKey.parsed))
    throw new ConfigError(`rpc.tls.key: ${key} is not the key of the certificate in ${cert}`);
  return {
    ca: authority.text,
    cert: certificate.text,
    key: privateKey.text,
    serverName: serverName || undefined,
  };
}

function readPem<T>(
  name: string,
  file: string,
  what: string,
  parse: (pem: string) => T,
): { text: string; parsed: T } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${name}: cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
  try {
    return { text, parsed: parse(text) };
  } catch {
    // What the parser says may quote the file.
    throw new ConfigError(`${name}: ${file} is not ${what} in PEM`);
  }
}
