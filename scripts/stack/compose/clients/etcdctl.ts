// Takes the place of the client `etcdctl` that is in the image of etcd: `endpoint
// health`, and nothing else.
import { parseArgs } from 'node:util';

/** Milliseconds for the answer. */
const TIMEOUT_MS = 3_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { endpoints: { type: 'string' } },
});
if (positionals.join(' ') !== 'endpoint health')
  throw new Error(`${positionals.join(' ')} is not known here`);
const answer = await fetch(`${values.endpoints}/health`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
const { health } = (await answer.json()) as { health?: string };
process.exit(health === 'true' ? 0 : 1);
