import { execFileSync } from 'node:child_process';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UserService } from '../../gen/im/user/v1/user_service_pb.ts';
import { createTestNetwork } from '../conformance/network.ts';
import { createGrpcCluster, type GrpcClusterOptions } from './testing/grpc-cluster.ts';
import type { GrpcTls } from './tls.ts';

const NAME = 'im.internal';

/** Older ones, and those of other makers, cannot sign in one step. */
function haveOpenssl(): boolean {
  try {
    return /^OpenSSL [3-9]/.test(execFileSync('openssl', ['version'], { encoding: 'utf8' }));
  } catch {
    return false;
  }
}

/** A certificate of a new authority, for `NAME`. */
async function certificate(): Promise<GrpcTls> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'im-tls-'));
  const run = (line: string) =>
    execFileSync('openssl', line.split(' '), { cwd: folder.path, stdio: 'ignore' });
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2';
  run(`req -x509 ${key} -keyout ca.key -out ca.pem -subj /CN=authority`);
  run(
    `req -x509 ${key} -CA ca.pem -CAkey ca.key -keyout own.key -out own.pem -subj /CN=${NAME} -addext subjectAltName=DNS:${NAME}`,
  );
  const text = (name: string) => readFile(join(folder.path, name), 'utf8');
  return {
    ca: await text('ca.pem'),
    cert: await text('own.pem'),
    key: await text('own.key'),
    serverName: NAME,
  };
}

/** What comes of a call where the two sides have these. */
async function outcome(server: GrpcTls | undefined, client: GrpcTls | undefined): Promise<string> {
  const options: GrpcClusterOptions = { server: { tls: server }, transport: { tls: client } };
  const net = await createTestNetwork(async () => createGrpcCluster(options));
  try {
    await net.serve(UserService, { getUser: async () => ({}) });
    await net.client(UserService, 'chat-service').getUser({ uid: '7' });
    return 'ok';
  } catch (error) {
    return (error as { reason: string }).reason;
  } finally {
    await net.close();
  }
}

test.skipIf(!haveOpenssl())('with TLS both sides prove themselves to each other', async () => {
  const ours = await certificate();
  const theirs = await certificate();
  expect(await outcome(ours, ours)).toBe('ok');
  expect(await outcome(ours, undefined)).toBe('SERVICE_AWAY');
  expect(await outcome(undefined, ours)).toBe('SERVICE_AWAY');
  // A client that believes our authority, with a certificate of another.
  expect(await outcome(ours, { ...theirs, ca: ours.ca })).toBe('SERVICE_AWAY');
  // A server of another authority.
  expect(await outcome(theirs, ours)).toBe('SERVICE_AWAY');
  expect(await outcome(ours, { ...ours, serverName: 'elsewhere.internal' })).toBe('SERVICE_AWAY');
});
