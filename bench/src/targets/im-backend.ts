import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { issueTokens, upsertUser } from '@im/common/testing/client/accounts.ts';
import { createImClient } from '@im/common/testing/client/http.ts';
import { type ServerProcess, startServerProcess } from '@im/common/testing/server-process.ts';
import type { Person, Target } from './target.ts';

const MAIN = join(import.meta.dirname, '../../../server/src/main.ts');
/** Calls at a time while people are made. */
const AT_ONCE = 16;
/** Members that one call adds. */
const MEMBERS_AT_ONCE = 200;

/** Anybody may write to anybody, and as often as they can: what is measured is the work. */
const SETTINGS = `
services:
  chat-service: { directMessages: anyone }
  api-gateway: { requestsPerMinutePerUser: 0 }
`;

export interface ImBackend extends Target {
  readonly httpUrl: string;
  readonly process: ServerProcess;
}

/** The product as one process on a new data folder. */
export async function startImBackend(folder: string): Promise<ImBackend> {
  await mkdir(folder, { recursive: true });
  const config = join(folder, 'settings.yaml');
  await writeFile(config, SETTINGS);
  const server = await startServerProcess({
    main: MAIN,
    folder,
    args: ['--config', config],
    nodeArgs: process.env.IM_BENCH_NODE_ARGS?.split(' ') ?? [],
  });
  const admin = createImClient(
    server.httpUrl,
    (await readFile(join(server.dataDir, 'admin.key'), 'utf8')).trim(),
  );
  const adminUrl = await adminUrlOf(server.dataDir);
  let made = 0;

  async function person(): Promise<Person> {
    made += 1;
    const externalId = `bench-${made}`;
    await upsertUser(admin, externalId);
    const device = { deviceId: 'bench', platform: 'BOT' as const };
    const { user, tokens } = await issueTokens(admin, { externalId, device });
    return { uid: user.uid, token: tokens.accessToken };
  }

  return {
    name: 'im-backend',
    socketUrl: server.socketUrl,
    httpUrl: server.httpUrl,
    process: server,
    async usage() {
      const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
      return {
        cpuSeconds: sample(metrics, 'process_cpu_seconds_total'),
        rssBytes: sample(metrics, 'process_resident_memory_bytes'),
      };
    },
    async people(count) {
      const people: Person[] = [];
      while (people.length < count) {
        const batch = Math.min(AT_ONCE, count - people.length);
        people.push(...(await Promise.all(Array.from({ length: batch }, person))));
      }
      return people;
    },
    async group(people) {
      const uids = people.map(({ uid }) => uid);
      const { group } = await admin.call('POST', '/v1/admin/groups', {
        name: 'bench',
        memberUids: uids.slice(0, MEMBERS_AT_ONCE),
        ownerUid: uids[0],
      });
      for (let i = MEMBERS_AT_ONCE; i < uids.length; i += MEMBERS_AT_ONCE) {
        await admin.call('POST', `/v1/admin/groups/${group.groupId}/members`, {
          uids: uids.slice(i, i + MEMBERS_AT_ONCE),
        });
      }
      return group.conversationId;
    },
    stop: async () => void (await server.stop()),
  };
}

async function adminUrlOf(dataDir: string): Promise<string> {
  const ports = JSON.parse(await readFile(join(dataDir, 'ports.json'), 'utf8'));
  return `http://127.0.0.1:${ports.adminPort}`;
}

function sample(metrics: string, name: string): number {
  const found = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(metrics)?.[1];
  if (found === undefined) throw new Error(`the server has no metric ${name}`);
  return Number(found);
}
