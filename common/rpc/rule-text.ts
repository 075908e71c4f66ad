import type { DescField, DescOneof } from '@bufbuild/protobuf';
import type { Violation } from '@bufbuild/protovalidate';

/** What the patterns of the contracts mean. */
const PATTERNS: Readonly<Record<string, string>> = {
  '^[1-9][0-9]{0,15}$': 'must be an id: a positive whole number without leading zeros',
  '^[ -~]{1,128}$': 'must have 1 to 128 printable ASCII characters',
};

/** The library's words, and how a person would say them. */
const WORDING: readonly (readonly [RegExp, string])[] = [
  [/^must be at least 1 characters$/, 'must not be empty'],
  [/^must be (at least|at most) (\d+) (characters|bytes)$/, 'must have $1 $2 $3'],
  [/^must contain at least 1 item\(s\)$/, 'must not be empty'],
  [/^must contain at least (\d+) item\(s\)$/, 'must have at least $1 items'],
  [/^must contain no more than (\d+) item\(s\)$/, 'must have at most $1 items'],
  [/^repeated value must contain unique items$/, 'must not name anything twice'],
  [/^must be greater than or equal to (\S+) and less than or equal to (\S+)$/, 'must be from $1 to $2'],
  [/^must be greater than or equal to (\S+)$/, 'must be at least $1'],
  [/^must be less than or equal to (\S+)$/, 'must be at most $1'],
  [/^must be in list \[(.*)\]$/, 'must be one of $1'],
];

/** What is wrong with a field, in words for people. */
export function ruleText(field: string, violation: Violation): string {
  return `${field === '' ? 'the request' : field} ${predicate(violation)}`;
}

function predicate({ ruleId, message, field }: Violation): string {
  const last = field.at(-1);
  if (ruleId === 'required' && last?.kind === 'oneof') return `must have one of ${memberNames(last)}`;
  if (ruleId === 'required') return 'is required';
  if (ruleId.startsWith('enum.')) return `must be one of ${enumNames(field)}`;
  if (ruleId === 'string.pattern')
    return PATTERNS[/`(.*)`$/.exec(message)?.[1] ?? ''] ?? 'does not have the form it must have';
  const wording = WORDING.find(([pattern]) => pattern.test(message));
  return wording ? message.replace(...wording) : message;
}

function memberNames(oneof: DescOneof): string {
  return oneof.fields.map((member) => member.jsonName).join(', ');
}

/** The values one may give; UNSPECIFIED never is one. */
function enumNames(path: Violation['field']): string {
  const field = path.findLast((part): part is DescField => part.kind === 'field');
  const values = field?.enum?.values.filter((value) => value.number !== 0) ?? [];
  return values.map((value) => value.name).join(', ');
}
