import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { ConfigError } from '@im/common/config/config-error.ts';
import { parse } from 'yaml';
import { z } from 'zod';
import { interpolate } from './interpolate.ts';

/** Milliseconds of `1m30s` and the like. */
const duration = z
  .string()
  .regex(/^(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/, 'must be like 1m30s')
  .transform((text) => {
    const of = (unit: string) => Number(new RegExp(`(\\d+)${unit}(?![a-z])`).exec(text)?.[1] ?? 0);
    return of('m') * 60_000 + of('s') * 1_000 + of('ms');
  });

/** `[address:]port:port`: of the machine, and of the container. */
const published = z
  .string()
  .regex(/^(?:[\d.]+:)?\d+:\d+$/, 'must be [address:]port:port')
  .transform((text) => {
    const [containerPort = 0, hostPort = 0] = text.split(':').map(Number).reverse();
    return { hostPort, containerPort };
  });

/** `source:target[:ro]`: a path that begins with a dot, or the name of a volume. */
const mount = z
  .string()
  .regex(/^[^:]+:\/[^:]+(?::ro)?$/, 'must be source:/target or source:/target:ro')
  .transform((text) => {
    const [source = '', target = ''] = text.split(':');
    return { source, target };
  });

/** What only a container engine can do: checked to be written as it should, and nothing else. */
const onlyInContainers = {
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  restart: z.literal('unless-stopped'),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  logging: z.strictObject({
    driver: z.literal('json-file'),
    options: z.strictObject({ 'max-size': z.string(), 'max-file': z.string() }),
  }),
  deploy: z.strictObject({
    resources: z.strictObject({ limits: z.strictObject({ cpus: z.string(), memory: z.string() }) }),
  }),
  stop_grace_period: duration.optional(),
};

const service = z.strictObject({
  ...onlyInContainers,
  image: z.string(),
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(mount).default([]),
  tmpfs: z.array(z.string().startsWith('/')).default([]),
  ports: z.array(published).default([]),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).default({}),
  healthcheck: z.strictObject({
    test: z.array(z.string()).min(2),
    interval: duration,
    timeout: duration,
    retries: z.int().positive(),
    start_period: duration,
  }),
});

const composeFile = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()).default({}),
});

export interface ComposeService extends z.output<typeof service> {
  readonly name: string;
}

export interface ComposeFile {
  /** What paths in it are relative to. */
  readonly dir: string;
  readonly services: readonly ComposeService[];
}

/**
 * Reads a compose file with its variables filled in. Throws ConfigError for what is wrong in
 * it, for a variable that must be there and is not, and for every key whose meaning
 * is not known here: what nobody tries out rots.
 */
export function readComposeFile(
  file: string,
  variables: Readonly<Record<string, string | undefined>>,
): ComposeFile {
  const dir = dirname(resolve(file));
  const { services, ...rest } = withoutExtensions(parse(readFileSync(file, 'utf8'), { merge: true }));
  const filled = at(file, () => filledIn({ ...rest, services }, variables));
  const parsed = composeFile.safeParse(filled);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`${basename(file)}: ${problems.join('; ')}`);
  }
  const read = {
    dir,
    services: Object.entries(parsed.data.services).map(([name, one]) => ({ ...one, name })),
  };
  at(file, () => check(read, Object.keys(parsed.data.volumes)));
  return read;
}

function withoutExtensions(file: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(file).filter(([key]) => !key.startsWith('x-')));
}

function filledIn(value: unknown, variables: Readonly<Record<string, string | undefined>>): unknown {
  if (typeof value === 'string') return interpolate(value, variables);
  if (Array.isArray(value)) return value.map((item) => filledIn(item, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filledIn(item, variables)]));
}

function check({ dir, services }: ComposeFile, volumes: readonly string[]): void {
  const names = services.map(({ name }) => name);
  const hostPorts = services.flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort));
  if (new Set(hostPorts).size < hostPorts.length) throw new ConfigError('a port is published twice');
  const used = new Set<string>();
  for (const { name, depends_on, volumes: mounts } of services) {
    for (const needed of Object.keys(depends_on))
      if (!names.includes(needed)) throw new ConfigError(`${name} depends on ${needed}, which is not there`);
    for (const { source } of mounts) {
      if (source.startsWith('.') && !existsSync(resolve(dir, source)))
        throw new ConfigError(`${name}: there is no ${source}`);
      if (source.startsWith('.')) continue;
      if (!volumes.includes(source)) throw new ConfigError(`${name}: there is no volume ${source}`);
      used.add(source);
    }
  }
  const unused = volumes.find((volume) => !used.has(volume));
  if (unused !== undefined) throw new ConfigError(`nobody uses the volume ${unused}`);
}

function at<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(`${basename(file)}: ${error.message}`);
    throw error;
  }
}
