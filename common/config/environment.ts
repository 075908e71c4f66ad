import { parse } from 'yaml';
import type { z } from 'zod';
import { nearestName } from './nearest-name.ts';
import { leavesOf, type SchemaLeaf, unwrapSchema } from './schema-shape.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvironmentSetting {
  readonly variable: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

/** `IM` and `limits.framesPerSecond` make `IM_LIMITS_FRAMES_PER_SECOND`. */
export function variableName(prefix: string, path: readonly string[]): string {
  const words = path.map((key) => key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[-.]/g, '_'));
  return [prefix, ...words].join('_').toUpperCase();
}

/** The settings that environment variables give to keys of the schema. An empty variable counts as not set. */
export function settingsFromEnvironment(
  schema: z.core.$ZodType,
  prefix: string,
  env: Environment,
): EnvironmentSetting[] {
  return leavesOf(schema).flatMap((leaf) => {
    const variable = variableName(prefix, leaf.path);
    const text = env[variable];
    return text === undefined || text === ''
      ? []
      : [{ variable, path: leaf.path, value: valueFor(leaf, text) }];
  });
}

/** The variables that set the keys of the schema. */
export function variableNames(schema: z.core.$ZodType, prefix: string): string[] {
  return leavesOf(schema).map((leaf) => variableName(prefix, leaf.path));
}

/** For every variable with the prefix that none of `known` is: a line that says so and names the nearest. */
export function unknownVariables(prefix: string, known: readonly string[], env: Environment): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(`${prefix}_`) && !known.includes(name))
    .map((name) => {
      const nearest = nearestName(name, known);
      return `${name} sets nothing${nearest === undefined ? '' : `, did you mean ${nearest}?`}`;
    });
}

// Text that should be a number or boolean is read as YAML would; text stays as
// it is, so that a secret of digits remains one.
function valueFor(leaf: SchemaLeaf, text: string): unknown {
  const { type } = unwrapSchema(leaf.schema)._zod.def;
  if (type === 'string' || type === 'enum' || type === 'literal') return text;
  if (type === 'array' && !text.trimStart().startsWith('['))
    return text.split(',').map((item) => item.trim());
  try {
    return parse(text);
  } catch {
    return text;
  }
}
