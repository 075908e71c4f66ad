import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startServer } from '@im/server';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** Milliseconds: a tour starts a dozen processes. */
const TIMEOUT_MS = 60_000;

test.each(['README.md', 'README.zh-CN.md'])(
  'the tour of %s works line by line',
  async (file) => {
    const folder = await mkdtemp(join(tmpdir(), 'im-tour-'));
    const server = await startServer({ dataDir: join(folder, 'data'), httpPort: 0, wsPort: 0, adminPort: 0 });
    try {
      const commands = tourOf(await readFile(join(ROOT, file), 'utf8'))
        .replace('http://127.0.0.1:8080', server.httpUrl)
        .replace('ws://127.0.0.1:8081/ws', server.wsUrl);
      // The reader stands in the project's folder; here only what the tour needs of it.
      for (const name of ['package.json', 'scripts', 'node_modules'])
        await symlink(join(ROOT, name), join(folder, name));

      const printed = await run(commands, folder);

      expect(printed).not.toContain('"error"');
      expect(printed).toContain('"state":"ACCEPTED"');
      expect(printed.match(/"clientMsgId":"m1"[^\n]*?"asOfSeq":2/g)).toHaveLength(2);
      expect(printed).toMatch(/"replyTo":"1","sendMessage":\{"message":\{[^\n]*"seq":3/);
      expect(printed).toContain('{"readSeq":3,"unread":0}');
      expect(printed).toContain('"externalId":"customer-42"');
    } finally {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
  TIMEOUT_MS,
);

/** The commands of the page, as a reader would paste them. */
function tourOf(page: string): string {
  return [...page.matchAll(/^```bash\n(.*?)^```/gms)].map(([, block]) => block).join('');
}

async function run(commands: string, cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', commands], { cwd });
  return stdout;
}
