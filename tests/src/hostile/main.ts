import { setImmediate, setTimeout } from 'node:timers/promises';
import { createRandom } from '../crash/random.ts';
import { startProduct } from '../support/product.ts';
import { createHttpAttack } from './http-attack.ts';
import { sampleRequests } from './requests.ts';
import { openScene } from './scene.ts';
import { createSocketAttacks } from './socket-attack.ts';
import { createTally } from './tally.ts';

// A program: `node --expose-gc main.ts <inputs of each kind> <seed>`. Prints one line of JSON.

/** Requests under way at a time; sockets send one frame at a time each. */
const HTTP_AT_ONCE = 4;
/** Inputs of each kind in a round, after which memory is looked at. */
const ROUND = 1_000;
/** Inputs of each kind after which the victim is let in again: else most of what it asks is refused at the door. */
const REVIVE_EVERY = 50;
/** Inputs of each kind after which ordinary use must work. */
const CHECK_EVERY = 250;
/** For what ends a moment after the last answer (closing handshakes, outboxes), in milliseconds. */
const SETTLE_MS = 1_500;

const inputs = Number(process.argv[2]);
const seed = Number(process.argv[3]);

const product = await startProduct({
  services: {
    'chat-service': { directMessages: 'anyone' },
    'api-gateway': { requestsPerMinutePerUser: 0, requestsPerMinutePerAddress: 0 },
    'ws-gateway': { socketsPerMinutePerAddress: 0 },
  },
});
const scene = await openScene(product);
const random = createRandom(seed);
const tally = createTally();
for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(event, (error: unknown) => {
    tally.violation(`${event}: ${error instanceof Error ? error.stack : String(error)}`);
    process.stderr.write(`${tally.violations.at(-1)}\n`);
  });
}
const http = createHttpAttack(scene, tally);
const sockets = createSocketAttacks(scene, tally);
const memory: number[] = [];

const description = await (await fetch(`${product.server.httpUrl}/openapi.json`)).json();
const sampled = new Set(sampleRequests(scene, random).map(({ route }) => route));
const routes = Object.entries((description as { paths: Record<string, object> }).paths).flatMap(
  ([path, methods]) =>
    ['post', 'put', 'patch']
      .filter((method) => method in methods)
      .map((method) => `${method.toUpperCase()} ${path}`),
);
for (const route of routes.filter((each) => !sampled.has(each))) tally.violation(`${route} has no sample`);

for (let done = 0; done < inputs; ) {
  const count = Math.min(REVIVE_EVERY, inputs - done);
  await Promise.all([
    ...Array.from({ length: HTTP_AT_ONCE }, (_unused, i) =>
      repeat(share(count, HTTP_AT_ONCE, i), http.attack),
    ),
    ...sockets.map((socket, i) => repeat(share(count, sockets.length, i), socket.attack)),
  ]);
  done += count;
  try {
    await scene.revive();
    if (done % CHECK_EVERY === 0 || done === inputs) await scene.check();
  } catch (error) {
    tally.violation(`ordinary use after ${done} of each kind: ${error}`);
  }
  if (done % ROUND === 0 || done === inputs) {
    memory.push(await memoryInUse());
    process.stderr.write(`${done} of each kind: ${memory.at(-1)} bytes\n`);
  }
}

for (const socket of sockets) await socket.close();
http.close();
await product.stop();
const counts = Object.fromEntries([...tally.counts].sort());
process.stdout.write(`${JSON.stringify({ seed, inputs, memory, counts, violations: tally.violations })}\n`);
process.exit(0);

function share(count: number, of: number, index: number): number {
  return Math.floor((count + index) / of);
}

async function repeat(times: number, attack: (dice: typeof random) => Promise<void>): Promise<void> {
  const dice = random.fork();
  for (let i = 0; i < times; i++) {
    try {
      await attack(dice);
    } catch (error) {
      tally.violation(`an input could not be sent: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
}

/** Bytes of the heap and of buffers that are still held when nothing is under way. */
async function memoryInUse(): Promise<number> {
  for (const socket of sockets) await socket.close();
  await setTimeout(SETTLE_MS);
  for (let i = 0; i < 2; i++) {
    globalThis.gc!();
    await setImmediate();
  }
  // `external` counts array buffers too.
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
