import { join } from 'node:path';
import type { Command } from './gated-process.ts';
import type { Program } from './programs.ts';
import { ASK_MS, type Recipe } from './recipe.ts';

/** One etcd by itself. */
export const etcdRecipe: Recipe = {
  ports: 2,
  async prepare() {},
  command: (program, dir, ports) => etcdCommand(program, dir, ports, `http://127.0.0.1:${ports[0]}`),
  container: ([port, peerPort]) => ({
    args: [
      ...['etcd', '--name', 'default', '--data-dir', '/etcd-data'],
      ...['--listen-client-urls', `http://0.0.0.0:${port}`],
      ...['--advertise-client-urls', `http://127.0.0.1:${port}`],
      ...['--listen-peer-urls', `http://127.0.0.1:${peerPort}`],
      ...['--initial-advertise-peer-urls', `http://127.0.0.1:${peerPort}`],
      ...['--initial-cluster', `default=http://127.0.0.1:${peerPort}`],
    ],
  }),
  async ask(port) {
    const answer = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(ASK_MS) });
    const { health } = (await answer.json()) as { health?: string };
    if (health !== 'true') throw new Error('etcd has no leader yet');
  },
};

/** One that clients reach at the URL `clients`. */
export function etcdCommand(
  { launch }: Program,
  dir: string,
  [, peerPort]: readonly number[],
  clients: string,
  more: readonly string[] = [],
): Command {
  const peers = `http://127.0.0.1:${peerPort}`;
  return {
    file: launch.file,
    args: [
      ...launch.args,
      ...['--name', 'default', '--data-dir', join(dir, 'data')],
      ...['--listen-client-urls', clients, '--advertise-client-urls', clients],
      ...['--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers],
      ...['--initial-cluster', `default=${peers}`],
      ...more,
    ],
    // Older ones refuse ARM unless told that this is meant.
    env: { ...launch.env, ...(process.arch === 'arm64' ? { ETCD_UNSUPPORTED_ARCH: 'arm64' } : {}) },
  };
}
