import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CERTIFIED_NAME,
  type CertificateFiles,
  canCertify,
  makeCertificate,
} from '../testing/certificates.ts';
import { rpcSetting } from './port-settings.ts';
import { readRpcTls } from './rpc-tls.ts';

const read = (tls: object) => readRpcTls(rpcSetting.parse({ tls }).tls);

test('without files nothing is encrypted', () => {
  expect(readRpcTls(rpcSetting.parse(undefined).tls)).toBeUndefined();
});

test('it takes all three files or none, by absolute paths', () => {
  const issues = (tls: object) => rpcSetting.safeParse({ tls }).error?.message;
  expect(issues({ ca: '/ca.pem', cert: '/own.pem' })).toContain('all three or none');
  expect(issues({ key: '/own.key' })).toContain('all three or none');
  expect(issues({ ca: 'ca.pem', cert: '/own.pem', key: '/own.key' })).toContain('absolute');
});

describe.skipIf(!canCertify())('files of certificates', () => {
  let folder = '';
  let files: CertificateFiles;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'im-rpc-tls-'));
    files = makeCertificate(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('are read', () => {
    const { ca, cert, key } = files;
    expect(read({ ca, cert, key, serverName: CERTIFIED_NAME })).toEqual({
      ca: readFileSync(ca, 'utf8'),
      cert: readFileSync(cert, 'utf8'),
      key: readFileSync(key, 'utf8'),
      serverName: CERTIFIED_NAME,
    });
  });

  test('one that is missing, none, or of another key is named, and nothing of what is in it', () => {
    const { ca, cert, key } = files;
    expect(() => read({ ca, cert, key: `${key}.not` })).toThrow(/rpc\.tls\.key: .*own\.key\.not.*ENOENT/);
    const broken = join(folder, 'broken.pem');
    writeFileSync(broken, readFileSync(key, 'utf8').replace('BEGIN', 'BEGUN'));
    expect(() => read({ ca: broken, cert, key })).toThrow(/rpc\.tls\.ca: .*broken\.pem is not/);
    expect(() => read({ ca, cert, key: broken })).toThrow(
      `rpc.tls.key: ${broken} is not a private key in PEM`,
    );
    const other = mkdtempSync(join(folder, 'other-'));
    expect(() => read({ ca, cert, key: makeCertificate(other).key })).toThrow(/is not the key of/);
  });
});
