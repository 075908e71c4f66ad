import { SERVICE_NAMES, type ServiceName } from '@im/common/service/names.ts';
import { processSettings } from '@im/common/service/process-settings.ts';
import { DEFAULT_ADMIN_HOST, DEFAULT_ADMIN_PORT } from '@im/common/telemetry/admin-server.ts';
import { logConfig } from '@im/common/telemetry/log.ts';
import { z } from 'zod';
import { MODULES } from './modules.ts';

const port = z.int().min(0).max(65_535);

/** Settings of one service, checked later by that service's own schema. */
const section = z.record(z.string(), z.unknown()).default({});

/** The settings of the one process (`etc/server.yaml`): its own, and a section for each service. */
export const serverConfig = z.strictObject({
  /** Where everything is kept; relative to the working directory. */
  dataDir: z.string().min(1).default('./data'),
  /** What HTTP and sockets bind to. */
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 is a free port, here and below. */
  httpPort: port.default(8080),
  wsPort: port.default(8081),
  /** What metrics and health bind to. */
  adminHost: z.string().min(1).default(DEFAULT_ADMIN_HOST),
  adminPort: port.default(DEFAULT_ADMIN_PORT),
  /** `all`, or the names of services with commas between them. */
  target: z.string().default('all').transform(targetsOf),
  log: logConfig,
  /** `sqlite`, or `mysql://…/im_{service}`: a schema for each service, `{service}` being its name without `-service`. */
  database: z.string().min(1).default('sqlite'),
  ...processSettings,
  services: z.strictObject(Object.fromEntries(SERVICE_NAMES.map((name) => [name, section]))).prefault({}),
});

export type ServerConfig = z.output<typeof serverConfig>;

function targetsOf(text: string, context: z.RefinementCtx): 'all' | ServiceName[] {
  if (text === 'all') return 'all';
  const names = text.split(',').map((name) => name.trim());
  const known: readonly string[] = MODULES.map((module) => module.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names as ServiceName[];
  context.addIssue({ code: 'custom', message: `there is no service "${unknown}", only ${known.join(', ')}` });
  return z.NEVER;
}
