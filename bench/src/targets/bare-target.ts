import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Person, Target, Usage } from './target.ts';

/** One of the bare servers, on a free port. */
export async function startBare(kind: 'echo' | 'sqlite', folder: string): Promise<Target> {
  const main = join(import.meta.dirname, `../bare/${kind}.ts`);
  const child = spawn(process.execPath, [main, join(folder, 'bare.db')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  const url = `http://127.0.0.1:${port.toString().trim()}`;
  let made = 0;
  return {
    name: kind === 'echo' ? 'bare ws' : 'bare ws + SQLite FULL',
    socketUrls: [url.replace('http', 'ws')],
    usage: async () => (await fetch(`${url}/usage`)).json() as Promise<Usage>,
    async people(count) {
      return Array.from({ length: count }, (): Person => {
        made += 1;
        return { uid: String(made), token: String(made) };
      });
    },
    async group(people) {
      const conversationId = `g:${people[0]!.uid}`;
      const body = JSON.stringify({ conversationId, uids: people.map(({ uid }) => uid) });
      await (await fetch(`${url}/group`, { method: 'POST', body })).text();
      return conversationId;
    },
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
