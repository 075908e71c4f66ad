import type { Random } from '../crash/random.ts';

const UNPAIRED = '\ud800';

/** Texts that parsers, stores and templates have stumbled over elsewhere. */
const TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  UNPAIRED,
  `\udfff${UNPAIRED}`,
  '\u202e\u2066',
  '\ufeff',
  'e\u0301'.repeat(50),
  '👩‍👩‍👧‍👦'.repeat(20),
  'ﷺ'.repeat(64),
  'İIıi',
  '__proto__',
  'constructor',
  '../../../../etc/passwd',
  "'; DROP TABLE users; --",
  '%00%ff',
  '{{7*7}}',
  '-0',
  '1e400',
  'NaN',
  '0x10',
  '9007199254740993',
  '18446744073709551616',
  '00000000000000000001',
  'u:1',
  's:1:2',
  's:2:1',
  'g:0',
  'n:1',
  'media:1',
  'UNSPECIFIED',
  'WEB',
  '2026-13-45T99:99:99Z',
  '0001-01-01T00:00:00.000Z',
];

const OTHERS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1,
  0.1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  2 ** 64,
  -(2 ** 63),
  1e308,
  5e-324,
  [],
  {},
  [[]],
  [null],
  { '': '' },
  { '@type': 'type.googleapis.com/google.protobuf.Any' },
];

/** Names that objects have without being given them, and some nobody has. */
const KEYS: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  '$typeName',
  '$unknown',
  '',
  'x',
  'id',
];

/** Longest text made up, in characters; most are far shorter. */
const LONG_TEXT = 20_000;
/** Deepest nesting made up; parsers bound it at a few hundred. */
const DEEP = 3_000;

export function oddText(random: Random): string {
  if (random.chance(0.05)) return 'ü'.repeat(random.below(LONG_TEXT));
  if (random.chance(0.3)) return randomText(random, random.below(40));
  return random.pick(TEXTS);
}

export function oddValue(random: Random): unknown {
  if (random.chance(0.03)) return nested(random, random.below(DEEP));
  if (random.chance(0.05)) return Array.from({ length: random.below(400) }, () => oddText(random));
  return random.chance(0.5) ? oddText(random) : structuredClone(random.pick(OTHERS));
}

export function oddKey(random: Random): string {
  return random.chance(0.7) ? random.pick(KEYS) : oddText(random);
}

export function randomBytes(random: Random, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = random.below(256);
  return bytes;
}

function randomText(random: Random, length: number): string {
  return Array.from({ length }, () => String.fromCharCode(random.below(0x10000))).join('');
}

function nested(random: Random, depth: number): unknown {
  let value: unknown = 1;
  const asArray = random.chance(0.5);
  for (let i = 0; i < depth; i++) value = asArray ? [value] : { a: value };
  return value;
}
