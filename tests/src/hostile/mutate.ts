import type { Random } from '../crash/random.ts';
import { oddKey, oddText, oddValue, randomBytes } from './odd-values.ts';

/** Bytes of a message of nothing but noise, at most. */
const NOISE_BYTES = 300;
/** Where places to change are looked for: levels, and values of one level. */
const DEEPEST_CHANGE = 8;
const WIDEST_CHANGE = 20;

type Node = Record<string, unknown> | unknown[];

/** A copy of `value` with one to three places that are not as they should be. */
export function mutatedJson(random: Random, value: unknown): unknown {
  const holder = { root: structuredClone(value) };
  const changes = 1 + random.below(3);
  for (let i = 0; i < changes; i++) spoil(random, random.pick(nodesOf(holder)));
  return holder.root;
}

/** JSON text of `value` that somebody tampered with. One in ten is left as it is. */
export function mutatedText(random: Random, value: unknown): Buffer {
  const text = (each: unknown) => JSON.stringify(each) ?? 'null';
  switch (random.below(10)) {
    case 0:
      return Buffer.from(text(value));
    case 1:
      return mutatedBytes(random, Buffer.from(text(value)));
    case 2:
      return Buffer.from(twiceNamed(random, text(value)));
    case 3:
      // Numbers and escapes that JSON.stringify would not write.
      return Buffer.from(
        text(value).replace(/"[^"]*"(?=[,}])|\d+/, () =>
          random.pick(['1e999', '-0.0', '"\\ud800"', '01', '١']),
        ),
      );
    default:
      return Buffer.from(text(mutatedJson(random, value)));
  }
}

/** Bytes cut, flipped, repeated or replaced. */
export function mutatedBytes(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  switch (random.below(6)) {
    case 0:
      return randomBytes(random, random.below(NOISE_BYTES));
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([
        bytes.subarray(0, at),
        randomBytes(random, 1 + random.below(8)),
        bytes.subarray(at),
      ]);
    case 3:
      return Buffer.concat([bytes, bytes.subarray(at)]);
    case 4:
      return bytes.subarray(at);
    default: {
      const flipped = Buffer.from(bytes);
      for (let i = 0; i <= random.below(4); i++) {
        if (flipped.length > 0) flipped[random.below(flipped.length)]! ^= 1 << random.below(8);
      }
      return flipped;
    }
  }
}

function twiceNamed(random: Random, text: string): string {
  const key = /"[^"]*"(?=:)/.exec(text)?.[0] ?? '"x"';
  return text.replace('{', () => `{${key}:${JSON.stringify(oddValue(random))},`);
}

function nodesOf(value: unknown, depth = 0): Node[] {
  if (typeof value !== 'object' || value === null || depth > DEEPEST_CHANGE) return [];
  const children = Object.values(value).slice(0, WIDEST_CHANGE);
  return [value as Node, ...children.flatMap((child) => nodesOf(child, depth + 1))];
}

function spoil(random: Random, node: Node): void {
  const target = node as Record<string, unknown>;
  const keys = Object.keys(node);
  const key = keys.length === 0 ? oddKey(random) : random.pick(keys);
  // Not what it inherits: `__proto__` may be the key.
  const held = Object.hasOwn(target, key) ? target[key] : undefined;
  const isHolder = keys.length === 1 && key === 'root';
  switch (random.below(isHolder ? 2 : 6)) {
    case 0:
      put(target, key, typeof held === 'string' ? oddText(random) : oddValue(random));
      break;
    case 1:
      put(target, key, random.chance(0.5) ? [held] : { [oddKey(random)]: held });
      break;
    case 2:
      put(target, Array.isArray(node) ? key : oddKey(random), oddValue(random));
      break;
    case 3:
      if (!Array.isArray(node)) delete target[key];
      break;
    default:
      put(target, key, oddValue(random));
  }
}

/** Defined, not assigned, so that `__proto__` is a key like any other. */
function put(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
