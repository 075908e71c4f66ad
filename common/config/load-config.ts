import type { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { type Environment, settingsFromEnvironment } from './environment.ts';
import { nearestName } from './nearest-name.ts';
import { keysAt } from './schema-shape.ts';
import { readYamlFile } from './yaml-file.ts';

type Settings = Record<string, unknown>;

export interface ConfigSources {
  /** A YAML file; it must be there when it is named. */
  file?: string | undefined;
  /** Settings that were read already, in place of a file; `where` says so in errors. */
  settings?: { readonly where: string; readonly values: Settings } | undefined;
  /** Usually `process.env`; read only together with `prefix`. */
  env?: Environment | undefined;
  /** `IM` lets `IM_DIRECT_MESSAGES` set `directMessages`. */
  prefix?: string | undefined;
  /** What the caller decides, above everything else. */
  overrides?: Settings | undefined;
  /** What errors call the overrides; `given` if left out. */
  overridesFrom?: string | undefined;
}

/**
 * The settings of `schema`, validated and with all defaults, from (weakest
 * first) the file, the environment and the overrides.
 *
 * Throws ConfigError for a key the schema does not know or a value it refuses.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, sources: ConfigSources): z.output<S> {
  const strict = schema.strict();
  const merged: Settings = {};
  const origins = new Map<string, string>();
  const base = sources.settings ?? {
    where: sources.file ?? 'settings',
    values: sources.file === undefined ? {} : readYamlFile(sources.file),
  };
  merge(merged, base.values);
  if (sources.prefix !== undefined) {
    for (const setting of settingsFromEnvironment(strict, sources.prefix, sources.env ?? {})) {
      put(merged, setting.path, setting.value);
      origins.set(setting.path.join('.'), setting.variable);
    }
  }
  merge(merged, sources.overrides ?? {});
  for (const [key, value] of Object.entries(sources.overrides ?? {})) {
    if (value !== null && value !== undefined) origins.set(key, sources.overridesFrom ?? 'given');
  }
  const parsed = strict.safeParse(merged);
  if (parsed.success) return parsed.data as z.output<S>;
  const problems = parsed.error.issues.map((issue) => describe(issue, strict, base.where, origins));
  throw new ConfigError(problems.join('; '));
}

function describe(
  issue: z.core.$ZodIssue,
  schema: z.ZodObject,
  file: string,
  origins: ReadonlyMap<string, string>,
): string {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    return issue.keys
      .map((key) => `${file}: ${[...path, key].join('.')}: ${unknownKey(key, known)}`)
      .join('; ');
  }
  // A list's element is named by its own path, but the variable set the whole list.
  const origin = origins.get(path.join('.')) ?? origins.get(path.slice(0, -1).join('.')) ?? file;
  return `${origin}: ${path.join('.')}: ${issue.message.replaceAll('\n', ' ')}`;
}

function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  if (nearest !== undefined) return `unknown key, did you mean ${nearest}?`;
  return known.length === 0 ? 'unknown key' : `unknown key, known are ${known.join(', ')}`;
}

// An empty section of a YAML file is null; it means that nothing is set there.
function merge(into: Settings, from: Settings): void {
  for (const [key, value] of Object.entries(from)) {
    if (value === null || value === undefined) continue;
    const present = into[key];
    if (isMap(value)) {
      const section = isMap(present) ? { ...present } : {};
      merge(section, value);
      into[key] = section;
    } else {
      into[key] = value;
    }
  }
}

function put(into: Settings, path: readonly string[], value: unknown): void {
  let section = into;
  for (const key of path.slice(0, -1)) {
    const present = section[key];
    const next = isMap(present) ? present : {};
    section[key] = next;
    section = next;
  }
  section[path.at(-1)!] = value;
}

function isMap(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
