// A process that starts a server of the kind it is told, says where it is, and
// does not end by itself: for tests that end it. With `down` as second argument
// the server is down by then.

import type { ServerKind } from './server-kinds.ts';
import { startServer } from './start-server.ts';

const server = await startServer(process.argv[2] as ServerKind);
const { pid, dir, port } = server;
if (process.argv[3] === 'down') await server.kill();
console.log(JSON.stringify({ pid, dir, port }));
setInterval(() => {}, 1_000);
