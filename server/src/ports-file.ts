import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile } from '@im/common/utils/private-file.ts';
import { z } from 'zod';

/** Tells programs on this machine which ports were taken. For the owner's eyes: it holds a token. */
const PORTS_FILE = 'ports.json';

const port = z.int().min(1).max(65_535).optional();
const ports = z.object({
  httpPort: port,
  wsPort: port,
  adminPort: port,
  /** What commands on the admin port ask for; another one at each start. */
  adminToken: z.string(),
});

export type Ports = z.output<typeof ports>;

export function writePorts(dataDir: string, content: Ports): void {
  writePrivateFile(join(dataDir, PORTS_FILE), `${JSON.stringify(content)}\n`);
}

/** The ports of the server that runs, or of one that was killed. Undefined where none has said. */
export function readPorts(dataDir: string): Ports | undefined {
  try {
    return ports.parse(JSON.parse(readFileSync(join(dataDir, PORTS_FILE), 'utf8')));
  } catch {
    return undefined;
  }
}

export function removePorts(dataDir: string): void {
  rmSync(join(dataDir, PORTS_FILE), { force: true });
}
