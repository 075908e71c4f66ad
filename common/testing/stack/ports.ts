import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from './file-lock.ts';
import { identityOf, isRunning } from './process-identity.ts';

/** Below 32768, where Linux takes the ports of outgoing connections from: one of those could hold a port while its server restarts. */
const RANGE: PortRange = { lowest: 20_000, highest: 32_000 };
/** Milliseconds others may need to claim theirs. */
const OTHERS_MS = 10_000;

export interface PortRange {
  readonly lowest: number;
  readonly highest: number;
}

/**
 * `count` ports of this machine that nobody listens on, and that no other
 * process that claims its ports here gets while this one runs: also not while
 * the server on them is down.
 */
export async function claimPorts(count: number, { lowest, highest } = RANGE): Promise<number[]> {
  const folder = join(tmpdir(), `im-stack-ports-${userInfo().username}`);
  return withFileLock(join(folder, 'lock'), OTHERS_MS, async () => {
    const claimed = claims(folder);
    const ports: number[] = [];
    while (ports.length < count) {
      const port = lowest + Math.floor(Math.random() * (highest - lowest + 1));
      if (claimed.has(port) || !(await isFree(port))) continue;
      claimed.add(port);
      writeFileSync(join(folder, String(port)), JSON.stringify(identityOf(process.pid)));
      ports.push(port);
    }
    return ports;
  });
}

/** The ports of processes that run; the claims of others are removed. */
function claims(folder: string): Set<number> {
  const ports = new Set<number>();
  for (const name of readdirSync(folder)) {
    if (!/^\d+$/.test(name)) continue;
    const file = join(folder, name);
    if (isHeld(file)) ports.add(Number(name));
    else rmSync(file, { force: true });
  }
  return ports;
}

function isHeld(file: string): boolean {
  try {
    return isRunning(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return false;
  }
}

/** Whether a server could listen on this port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1' }, () => probe.close(() => resolve(true)));
  });
}
