export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Keywords that only explain. */
const ANNOTATIONS = new Set(['description', 'format', 'contentEncoding', 'title', 'deprecated', 'default']);

/**
 * What of a value breaks a JSON Schema, each with its path; nothing when it fits.
 * Knows the keywords that our OpenAPI document uses and throws for any other,
 * so that nothing passes because it was not looked at.
 */
export function violations(root: JsonSchema, schema: JsonSchema, value: unknown, path = '$'): string[] {
  const found: string[] = [];
  const is = (fits: boolean, what: string) => {
    if (!fits) found.push(`${path}: ${what}`);
  };
  const text = value as string;
  const number = value as number;
  const list = value as unknown[];
  const object = value as Record<string, unknown>;
  for (const [keyword, rule] of Object.entries(schema)) {
    switch (keyword) {
      case '$ref':
        found.push(...violations(root, resolve(root, rule as string), value, path));
        break;
      case 'type':
        is(
          [rule].flat().some((type) => isOfType(type as string, value)),
          `is not ${rule}`,
        );
        break;
      case 'enum':
        is((rule as unknown[]).includes(value), `is none of ${rule}`);
        break;
      case 'pattern':
        if (typeof value === 'string')
          is(new RegExp(rule as string, 'u').test(text), `does not match ${rule}`);
        break;
      case 'minLength':
      case 'maxLength':
        if (typeof value === 'string') is(inBound(keyword, [...text].length, rule as number), keyword);
        break;
      case 'minimum':
      case 'maximum':
        if (typeof value === 'number') is(inBound(keyword, number, rule as number), keyword);
        break;
      case 'minItems':
      case 'maxItems':
        if (Array.isArray(value)) is(inBound(keyword, list.length, rule as number), keyword);
        break;
      case 'uniqueItems':
        if (Array.isArray(value))
          is(new Set(list.map((item) => JSON.stringify(item))).size === list.length, keyword);
        break;
      case 'items':
        if (!Array.isArray(value)) break;
        for (const [i, item] of list.entries()) {
          found.push(...violations(root, rule as JsonSchema, item, `${path}[${i}]`));
        }
        break;
      case 'required':
        if (!isOfType('object', value)) break;
        for (const key of rule as string[]) is(Object.hasOwn(object, key), `has no ${key}`);
        break;
      case 'properties':
        if (!isOfType('object', value)) break;
        for (const [key, inner] of Object.entries(rule as Record<string, JsonSchema>)) {
          if (Object.hasOwn(object, key))
            found.push(...violations(root, inner, object[key], `${path}.${key}`));
        }
        break;
      case 'minProperties':
        if (isOfType('object', value)) is(Object.keys(object).length >= (rule as number), keyword);
        break;
      case 'additionalProperties':
        if (!isOfType('object', value)) break;
        for (const key of Object.keys(object)) {
          if (Object.hasOwn((schema.properties ?? {}) as object, key)) continue;
          if (typeof rule === 'object') {
            found.push(...violations(root, rule as JsonSchema, object[key], `${path}.${key}`));
          } else is(rule === true, `has ${key}`);
        }
        break;
      case 'oneOf': {
        const fitting = (rule as JsonSchema[]).filter((one) => violations(root, one, value).length === 0);
        is(fitting.length === 1, `fits ${fitting.length} of ${keyword}`);
        break;
      }
      default:
        if (!ANNOTATIONS.has(keyword)) throw new Error(`the keyword ${keyword} is not known here`);
    }
  }
  return found;
}

/** What a `$ref` leads to. */
export function resolve(root: JsonSchema, ref: string): JsonSchema {
  const steps = ref.replace(/^#\//, '').split('/');
  const target = steps.reduce<unknown>((node, key) => (node as Record<string, unknown>)?.[key], root);
  if (target === undefined) throw new Error(`${ref} leads nowhere`);
  return target as JsonSchema;
}

function inBound(keyword: string, size: number, bound: number): boolean {
  return keyword.startsWith('min') ? size >= bound : size <= bound;
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
