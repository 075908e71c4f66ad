import type { z } from 'zod';

/** What zod's wrappers (default, optional …) hold inside. */
export function unwrapSchema(schema: z.core.$ZodType): z.core.$ZodType {
  let current = schema;
  for (;;) {
    const def = current._zod.def as { innerType?: z.core.$ZodType; in?: z.core.$ZodType };
    const inner = def.innerType ?? def.in;
    if (inner === undefined) return current;
    current = inner;
  }
}

/** The keys of an object schema with their schemas; undefined for any other schema. */
export function shapeOf(schema: z.core.$ZodType): Record<string, z.core.$ZodType> | undefined {
  const def = unwrapSchema(schema)._zod.def as { type: string; shape?: Record<string, z.core.$ZodType> };
  return def.type === 'object' ? def.shape : undefined;
}

/** The names that may stand at `path` of the schema; empty where it is no object. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  let shape = shapeOf(schema);
  for (const key of path) {
    const next = shape?.[String(key)];
    shape = next === undefined ? undefined : shapeOf(next);
  }
  return Object.keys(shape ?? {});
}

export interface SchemaLeaf {
  readonly path: readonly string[];
  readonly schema: z.core.$ZodType;
}

/** Every key of the schema that is no object itself. */
export function leavesOf(schema: z.core.$ZodType, path: readonly string[] = []): SchemaLeaf[] {
  const shape = shapeOf(schema);
  if (shape === undefined) return [{ path, schema }];
  return Object.entries(shape).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}
