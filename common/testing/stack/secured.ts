import { existsSync, readFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { Etcd3, Range } from 'etcd3';
import type { Login } from '../../service/server-list.ts';
import { type CertificateFiles, canCertify } from '../certificates.ts';
import { etcdCommand, etcdRecipe } from './etcd.ts';
import { askKafka, formatKafka, kafkaRecipe, kafkaSettings, writeKafkaSettings } from './kafka.ts';
import { findProgram } from './programs.ts';
import { ASK_MS, type Recipe } from './recipe.ts';
import type { ProgramKind } from './server-kinds.ts';
import { type StackServer, startServer } from './start-server.ts';

/** What clients of the server trust and what they sign in with. */
export interface Secured {
  readonly files: CertificateFiles;
  readonly login: Login;
}

/** An etcd over TLS alone, whose only user beside root may use the keys below `keyPrefix`. */
export async function startSecuredEtcd({ files, login }: Secured, keyPrefix: string): Promise<StackServer> {
  const recipe: Recipe = {
    ...etcdRecipe,
    command: (program, dir, ports) =>
      etcdCommand(program, dir, ports, `https://127.0.0.1:${ports[0]}`, [
        ...['--cert-file', files.cert, '--key-file', files.key],
      ]),
    ask: (port) => askOverTls(`https://127.0.0.1:${port}/health`, files),
  };
  const server = await startServer('etcd', { recipe });
  const credentials = { rootCertificate: readFileSync(files.ca) };
  const etcd = new Etcd3({ hosts: `https://${server.address}`, credentials });
  try {
    const role = etcd.role('im');
    await role.create();
    await role.grant({ permission: 'Readwrite', range: Range.prefix(keyPrefix) });
    await etcd.user(login.username).create(login.password);
    await etcd.user(login.username).addRole(role);
    await etcd.user('root').create(login.password);
    await etcd.user('root').addRole('root');
    await etcd.auth.authEnable();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  } finally {
    etcd.close();
  }
}

function askOverTls(url: string, { ca }: CertificateFiles): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { ca: readFileSync(ca), timeout: ASK_MS, agent: false }, (answer) => {
      answer.resume();
      if (answer.statusCode === 200) resolve();
      else reject(new Error(`etcd answers ${answer.statusCode}`));
    });
    request.on('timeout', () => request.destroy(new Error('etcd does not answer')));
    request.on('error', reject);
  });
}

/** A Kafka whose clients come over TLS and sign in; as `localhost`, because it tells them where to come. */
export async function startSecuredKafka({ files, login }: Secured): Promise<StackServer> {
  const settings = (ports: readonly number[]) => {
    const [port, controllerPort, insidePort] = ports;
    return {
      ...kafkaSettings('127.0.0.1', ports),
      listeners: `CLIENTS://127.0.0.1:${port},INSIDE://127.0.0.1:${insidePort},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': `CLIENTS://localhost:${port},INSIDE://127.0.0.1:${insidePort}`,
      'listener.security.protocol.map': 'CLIENTS:SASL_SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'inter.broker.listener.name': 'INSIDE',
      'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
      'listener.name.clients.scram-sha-512.sasl.jaas.config':
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': files.both,
    };
  };
  const user = `SCRAM-SHA-512=[name=${login.username},password=${login.password}]`;
  const recipe: Recipe = {
    ...kafkaRecipe,
    ports: 3,
    async prepare(program, dir, ports) {
      writeKafkaSettings(dir, settings(ports));
      if (!existsSync(join(dir, 'data'))) await formatKafka(program, dir, ['--add-scram', user]);
    },
    ask: (port) =>
      askKafka({
        bootstrapBrokers: [`localhost:${port}`],
        tls: { ca: readFileSync(files.ca) },
        sasl: { mechanism: 'SCRAM-SHA-512', ...login },
      }),
  };
  return await startServer('kafka', { recipe });
}

/** Whether this machine can start both. */
export function canSecure(): boolean {
  const isProgram = (kind: ProgramKind) => {
    const program = findProgram(kind);
    return program !== undefined && program.image === undefined;
  };
  return canCertify() && isProgram('etcd') && isProgram('kafka');
}
