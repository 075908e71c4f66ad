import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UserService } from '../../gen/im/user/v1/user_service_pb.ts';
import { CERTIFIED_NAME, canCertify, makeCertificate } from '../../testing/certificates.ts';
import { createTestNetwork } from '../conformance/network.ts';
import { createGrpcCluster, type GrpcClusterOptions } from './testing/grpc-cluster.ts';
import type { GrpcTls } from './tls.ts';

/** A certificate of a new authority. */
async function certificate(): Promise<GrpcTls> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'im-tls-'));
  const { ca, cert, key } = makeCertificate(folder.path);
  const text = (file: string) => readFile(file, 'utf8');
  return { ca: await text(ca), cert: await text(cert), key: await text(key), serverName: CERTIFIED_NAME };
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

test.skipIf(!canCertify())('with TLS both sides prove themselves to each other', async () => {
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
  // Without a name the certificate must hold the address that was dialled.
  expect(await outcome(ours, { ...ours, serverName: undefined })).toBe('ok');
});
