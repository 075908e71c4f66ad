import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

/** The pages that have a tour. */
export const TOUR_PAGES = ['README.md', 'README.zh-CN.md'];

/** The commands of a page as a reader would paste them, with addresses (or shell words for them) in place of the page's. */
export function tourOf(page: string, httpUrl: string, wsUrl: string): string {
  const commands = [...page.matchAll(/^```bash\n(.*?)^```/gms)].map(([, block]) => block).join('');
  return commands.replace('http://127.0.0.1:8080', httpUrl).replace('ws://127.0.0.1:8081/ws', wsUrl);
}

/** The reader stands in the project's folder; here only what the tour needs of it. */
export async function linkProject(folder: string): Promise<void> {
  for (const name of ['package.json', 'scripts', 'node_modules'])
    await symlink(join(ROOT, name), join(folder, name));
}

/** Checks what the commands printed. */
export function expectTour(printed: string): void {
  expect(printed).not.toContain('"error"');
  expect(printed).toContain('"state":"ACCEPTED"');
  expect(printed.match(/"clientMsgId":"m1"[^\n]*?"asOfSeq":2/g)).toHaveLength(2);
  expect(printed).toMatch(/"replyTo":"1","sendMessage":\{"message":\{[^\n]*"seq":3/);
  expect(printed).toContain('{"readSeq":3,"unread":0}');
  expect(printed).toContain('"externalId":"customer-42"');
}
