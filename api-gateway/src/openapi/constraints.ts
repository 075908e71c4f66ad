import { type DescField, getOption, hasOption } from '@bufbuild/protobuf';
import {
  type FieldRules,
  field as rulesOption,
} from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import type { JsonSchema } from './json-schema.ts';

/** The rules of `buf.validate` that a field states; undefined without any. */
export function rulesOf(field: DescField): FieldRules | undefined {
  return hasOption(field, rulesOption) ? getOption(field, rulesOption) : undefined;
}

/** The part of a field's rules that JSON Schema can say as well. */
export function constraintsOf(rules: FieldRules | undefined): JsonSchema {
  switch (rules?.type.case) {
    case 'string': {
      const { minLen, maxLen, pattern, in: allowed } = rules.type.value;
      return defined({
        minLength: count(minLen),
        maxLength: count(maxLen),
        pattern: pattern || undefined,
        enum: allowed.length > 0 ? allowed : undefined,
      });
    }
    case 'uint32':
    case 'double': {
      const { greaterThan, lessThan } = rules.type.value;
      return defined({
        minimum: greaterThan.case === 'gte' ? greaterThan.value : undefined,
        maximum: lessThan.case === 'lte' ? lessThan.value : undefined,
      });
    }
    case 'repeated': {
      const { minItems, maxItems, unique } = rules.type.value;
      return defined({
        minItems: count(minItems),
        maxItems: count(maxItems),
        uniqueItems: unique || undefined,
      });
    }
    default:
      return {};
  }
}

/** The rules of a list's elements. */
export function elementRules(rules: FieldRules | undefined): FieldRules | undefined {
  return rules?.type.case === 'repeated' ? rules.type.value.items : undefined;
}

/** Whether a request must name the field for its rules to hold. */
export function isRequired(field: DescField): boolean {
  const rules = rulesOf(field);
  if (rules === undefined) return false;
  if (rules.required) return true;
  if (isOptional(field)) return false;
  const { minLength = 0, minItems = 0, pattern, minimum = 0 } = constraintsOf(rules);
  const refusesEmpty = typeof pattern === 'string' && !new RegExp(pattern).test('');
  return refusesEmpty || Number(minLength) > 0 || Number(minItems) > 0 || Number(minimum) > 0;
}

/** Whether an answer may leave the field out: it is `optional`, a message or one of several. */
export function isOptional(field: DescField): boolean {
  return field.oneof !== undefined || field.proto.proto3Optional || field.fieldKind === 'message';
}

function count(value: bigint): number | undefined {
  return value > 0n ? Number(value) : undefined;
}

function defined(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}
