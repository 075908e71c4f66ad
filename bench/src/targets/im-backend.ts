import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startServerProcess } from '@im/common/testing/server-process.ts';
import { createProductPeople } from './product-people.ts';
import type { Product } from './target.ts';

const MAIN = join(import.meta.dirname, '../../../server/src/main.ts');

/** Anybody may write to anybody, and as often as they can: what is measured is the work. */
const SETTINGS = `
services:
  chat-service: { directMessages: anyone }
  api-gateway: { requestsPerMinutePerUser: 0 }
`;

/** The product as one process on a new data folder. */
export async function startImBackend(folder: string): Promise<Product> {
  await mkdir(folder, { recursive: true });
  const config = join(folder, 'settings.yaml');
  await writeFile(config, SETTINGS);
  const startedAt = performance.now();
  const server = await startServerProcess({
    main: MAIN,
    folder,
    args: ['--config', config],
    nodeArgs: process.env.IM_BENCH_NODE_ARGS?.split(' ') ?? [],
  });
  const firstStartMs = performance.now() - startedAt;
  const adminKey = (await readFile(join(server.dataDir, 'admin.key'), 'utf8')).trim();
  const adminUrl = await adminUrlOf(server.dataDir);
  return {
    name: 'im-backend',
    socketUrls: [server.socketUrl],
    httpUrls: [server.httpUrl],
    firstStartMs,
    ...createProductPeople(server.httpUrl, adminKey),
    async usage() {
      const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
      return {
        cpuSeconds: sample(metrics, 'process_cpu_seconds_total'),
        rssBytes: sample(metrics, 'process_resident_memory_bytes'),
      };
    },
    async restart() {
      await server.stop();
      const again = performance.now();
      await server.start();
      return performance.now() - again;
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
