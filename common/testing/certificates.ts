import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The name that certificates of tests hold, beside this machine's own. */
export const CERTIFIED_NAME = 'im.internal';

/** PEM files of an authority of a test's own, and of one certificate it signed. */
export interface CertificateFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** The key and the certificate behind it, as servers on Java want them. */
  readonly both: string;
}

/** Whether this machine can make certificates: OpenSSL before 3, and those of other makers, cannot sign in one step. */
export function canCertify(): boolean {
  try {
    return /^OpenSSL [3-9]/.test(execFileSync('openssl', ['version'], { encoding: 'utf8' }));
  } catch {
    return false;
  }
}

/** Makes them in the folder, for `im.internal` and this machine, good for two days. */
export function makeCertificate(folder: string): CertificateFiles {
  const run = (line: string) => execFileSync('openssl', line.split(' '), { cwd: folder, stdio: 'ignore' });
  const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2';
  const names = `subjectAltName=DNS:${CERTIFIED_NAME},DNS:localhost,IP:127.0.0.1`;
  run(`req -x509 ${newKey} -keyout ca.key -out ca.pem -subj /CN=authority`);
  run(
    `req -x509 ${newKey} -CA ca.pem -CAkey ca.key -keyout own.key -out own.pem -subj /CN=${CERTIFIED_NAME} -addext ${names}`,
  );
  const place = (name: string) => join(folder, name);
  const files = {
    ca: place('ca.pem'),
    cert: place('own.pem'),
    key: place('own.key'),
    both: place('both.pem'),
  };
  writeFileSync(files.both, readFileSync(files.key, 'utf8') + readFileSync(files.cert, 'utf8'));
  return files;
}
