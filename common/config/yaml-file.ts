import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ConfigError } from './config-error.ts';

/** The settings of a YAML file, `{}` for an empty one. Throws ConfigError when it cannot be read or is no map. */
export function readYamlFile(file: string): Record<string, unknown> {
  const value = parseYaml(file, readText(file));
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new ConfigError(`${file}: must be a map of settings`);
  }
  return value as Record<string, unknown>;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ConfigError(`${file}: ${missing ? 'there is no such file' : (error as Error).message}`);
  }
}

function parseYaml(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    // The parser adds an excerpt on further lines; the first names line and column.
    throw new ConfigError(`${file}: ${(error as Error).message.split('\n')[0]?.replace(/:$/, '')}`);
  }
}
