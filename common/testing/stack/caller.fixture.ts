// A process that starts a server of the kind it is told, says where it is, and
// does not end by itself: for tests that end it.

import type { ServerKind } from './server-kinds.ts';
import { startServer } from './start-server.ts';

const { pid, dir, port } = await startServer(process.argv[2] as ServerKind);
console.log(JSON.stringify({ pid, dir, port }));
setInterval(() => {}, 1_000);
