import { once } from 'node:events';
import { connect } from 'node:net';
import { ASK_MS, type Recipe } from './recipe.ts';

/** Redis without persistence: after a restart it is empty. */
export const redisRecipe: Recipe = recipe(['--appendonly', 'no']);

/** Redis that writes each change to its disk before it answers. */
export const sessionRedisRecipe: Recipe = recipe(['--appendonly', 'yes', '--appendfsync', 'always']);

function recipe(persistence: readonly string[]): Recipe {
  return {
    ports: 1,
    async prepare() {},
    command({ launch }, dir, [port]) {
      const args = [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--dir',
        dir,
        '--save',
        '',
        ...persistence,
      ];
      return { file: launch.file, args: [...launch.args, ...args], env: launch.env };
    },
    container: ([port]) => ({
      // It listens on all addresses of the container; outside only this machine reaches it.
      args: ['redis-server', '--port', String(port), '--protected-mode', 'no', '--save', '', ...persistence],
    }),
    async ask(port) {
      const socket = connect({ port, host: '127.0.0.1' });
      try {
        socket.write('PING\r\n');
        const [answer] = await once(socket, 'data', { signal: AbortSignal.timeout(ASK_MS) });
        // While it reads its file it answers too: that it is not ready.
        if (!String(answer).startsWith('+PONG')) throw new Error(`Redis answers ${answer}`);
      } finally {
        socket.destroy();
      }
    },
  };
}
