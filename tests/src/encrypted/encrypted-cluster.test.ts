import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { SERVICE_NAMES } from '@im/common/service/names.ts';
import { CERTIFIED_NAME, type CertificateFiles, makeCertificate } from '@im/common/testing/certificates.ts';
import { issueTokens, makeFriends, upsertUser } from '@im/common/testing/client/accounts.ts';
import { createDevice, type ImDevice } from '@im/common/testing/client/device.ts';
import { createTurnsClient } from '@im/common/testing/client/http-turns.ts';
import { type ClusterNames, makeClusterNames } from '@im/common/testing/cluster/cluster-names.ts';
import { type ServiceProcess, startServiceProcess } from '@im/common/testing/cluster/service-process.ts';
import {
  type ServiceProcesses,
  startServiceProcesses,
} from '@im/common/testing/cluster/service-processes.ts';
import { claimPorts } from '@im/common/testing/stack/ports.ts';
import { canSecure, startSecuredEtcd, startSecuredKafka } from '@im/common/testing/stack/secured.ts';
import type { StackServer } from '@im/common/testing/stack/start-server.ts';
import { stackAddresses } from '@im/common/testing/stack-addresses.ts';
import { untilTrue } from '@im/common/testing/until-true.ts';
import { directConversationId } from '@im/common/utils/conversation-id.ts';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { reflectedClient } from '../support/reflected-client.ts';

const stack = stackAddresses();
const START_MS = 240_000;
/** With what an URL has to write otherwise. */
const LOGIN = { username: 'im', password: 'p@ss:word/1' };
const USER_INFO = `${LOGIN.username}:${encodeURIComponent(LOGIN.password)}`;

describe.skipIf(stack === undefined || !canSecure())('a cluster whose connections are all encrypted', () => {
  let folder = '';
  let files: CertificateFiles;
  let names: ClusterNames;
  let etcd: StackServer;
  let kafka: StackServer;
  let services: ServiceProcesses;
  let userPort = 0;
  let devices: ImDevice[] = [];
  let conversationId = '';
  const strays: ServiceProcess[] = [];

  /** Of every process: whom it trusts, and what it proves itself with. */
  const tlsEnvironment = (): Record<string, string> => ({
    NODE_EXTRA_CA_CERTS: files.ca,
    IM_RPC_TLS_CA: files.ca,
    IM_RPC_TLS_CERT: files.cert,
    IM_RPC_TLS_KEY: files.key,
    IM_RPC_TLS_SERVER_NAME: CERTIFIED_NAME,
  });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'im-encrypted-'));
    files = makeCertificate(folder);
    const plain = await makeClusterNames(stack!);
    const secured = { files, login: LOGIN };
    [etcd, kafka] = await Promise.all([
      startSecuredEtcd(secured, `${plain.name}/`),
      startSecuredKafka(secured),
    ]);
    names = {
      ...plain,
      bus: `kafkas://${USER_INFO}@localhost:${kafka.port}/${plain.topic}`,
      registry: `etcds://${USER_INFO}@${etcd.address}/${plain.name}/`,
    };
    [userPort = 0] = await claimPorts(1);
    const env = Object.fromEntries(SERVICE_NAMES.map((service) => [service, tlsEnvironment()]));
    env['user-service'] = { ...tlsEnvironment(), IM_RPC_PORT: String(userPort) };
    services = await startServiceProcesses({ names, instances: 1, folder, env });

    const { httpUrls, wsUrls, environment } = services;
    const admin = createTurnsClient({ urls: httpUrls, bearer: environment.adminKey });
    const people = await Promise.all(
      ['ann', 'bob'].map(async (name) => {
        const { uid } = await upsertUser(admin, name, { nickname: name });
        const signedIn = await issueTokens(admin, { uid, device: { deviceId: 'one', platform: 'BOT' } });
        const client = admin.as(signedIn.tokens.accessToken);
        return { uid, client, device: createDevice({ client, socketUrl: wsUrls[0]!, signedIn }) };
      }),
    );
    const [ann, bob] = people;
    await makeFriends(ann!, bob!);
    conversationId = directConversationId(ann!.uid, bob!.uid);
    devices = people.map(({ device }) => device);
    await Promise.all(devices.map((device) => device.connect()));
  }, START_MS);
  afterEach(async () => {
    for (const stray of strays.splice(0)) await stray.kill();
  });
  afterAll(async () => {
    for (const device of devices) await device.close();
    await services?.killAll();
    await etcd?.stop();
    await kafka?.stop();
    await names?.remove();
    rmSync(folder, { recursive: true, force: true });
  }, START_MS);

  /** Ann says it, and bob's device is told. */
  async function talk(text: string): Promise<void> {
    const [ann, bob] = devices;
    const { seq } = await ann!.send(conversationId, text);
    await bob!.waitFor((store) => store.conversation(conversationId).knownTo >= seq);
  }

  test('carries what people say', () => talk('hello'));

  test('a service is not spoken to without a certificate', async () => {
    const address = `127.0.0.1:${userPort}`;
    const ca = readFileSync(files.ca);
    const own = [readFileSync(files.key), readFileSync(files.cert)] as const;
    const services = async (how: Parameters<typeof reflectedClient>[1]) => {
      const client = reflectedClient(address, how);
      return await client.services().finally(() => client.close());
    };
    expect(await services(credentials.createSsl(ca, ...own))).toContain('im.user.v1.UserService');
    await expect(services(credentials.createInsecure())).rejects.toThrow(/UNAVAILABLE/);
    await expect(services(credentials.createSsl(ca))).rejects.toThrow(/UNAVAILABLE/);
  });

  test('an etcd that forgot who signed in is signed in to again', { timeout: START_MS }, async () => {
    await etcd.restart('SIGKILL');
    const [chat] = services.of('chat-service');
    await chat!.kill();
    await chat!.start();
    await talk('after the restart');
  });

  test.each([
    ['etcd', 'user-service', 'IM_REGISTRY'],
    ['Kafka', 'chat-service', 'IM_BUS'],
  ] as const)(
    'with a wrong password a process waits for %s and says so, without the password',
    async (what, service, variable) => {
      const wrong = 'not-the-password';
      const env: Record<string, string> = { ...services.environment.of(service), ...tlsEnvironment() };
      env[variable] = String(env[variable]).replace(encodeURIComponent(LOGIN.password), wrong);
      const stray = startServiceProcess({ service, instance: 9, env, logFile: join(folder, `${what}.log`) });
      strays.push(stray);
      const printed = () => readFileSync(stray.logFile, 'utf8');
      await untilTrue(() => printed().includes(`waiting for ${what} at`));
      expect(printed()).not.toContain(wrong);
      expect(printed()).not.toMatch(/^ready$/m);
    },
  );
});
