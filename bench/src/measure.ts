import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { LoadSpec } from './load/main.ts';
import type { Target } from './targets/target.ts';

const LOAD_MAIN = join(import.meta.dirname, 'load/main.ts');

/** What a load saw and what it cost the server. */
export interface Measured<Result> {
  readonly result: Result;
  readonly cpuSeconds: number;
  readonly rssBytesBefore: number;
  readonly rssBytesAfter: number;
  /** The same of its parts, where it has several. */
  readonly parts: Readonly<Record<string, { readonly cpuSeconds: number; readonly rssBytes: number }>>;
}

/** Runs a load in a process of its own and reads the server's usage when its window opens and closes. */
export function measure<Result>(target: Target, spec: LoadSpec): Promise<Measured<Result>> {
  const child = fork(LOAD_MAIN, { execArgv: [] });
  return new Promise((resolve, reject) => {
    const usages: Awaited<ReturnType<Target['usage']>>[] = [];
    child.on('error', reject);
    child.on('exit', (code) => code !== 0 && reject(new Error(`the load process left with ${code}`)));
    child.on('message', (message: { mark?: string; result?: Result }) => {
      if (message.mark) {
        target.usage().then((usage) => {
          usages.push(usage);
          child.send({});
        }, reject);
        return;
      }
      const [before, after] = usages;
      resolve({
        result: message.result!,
        cpuSeconds: after!.cpuSeconds - before!.cpuSeconds,
        rssBytesBefore: before!.rssBytes,
        rssBytesAfter: after!.rssBytes,
        parts: Object.fromEntries(
          Object.entries(after!.parts ?? {}).map(([name, part]) => [
            name,
            {
              cpuSeconds: part.cpuSeconds - before!.parts![name]!.cpuSeconds,
              rssBytes: part.rssBytes - before!.parts![name]!.rssBytes,
            },
          ]),
        ),
      });
    });
    child.send(spec);
  });
}
