import type { DescEnum, DescField, DescMessage } from '@bufbuild/protobuf';
import { isJsonObject } from '../requests/json-object.ts';

/** What has to be looked at in the JSON of a message. */
interface Plan {
  /** Enum fields that are printed also when nothing was said, with the name of that. */
  readonly enums: { readonly key: string; readonly unspecified: string }[];
  /** Messages inside that have such fields, or have messages that do. */
  inner: { readonly key: string; readonly kind: DescField['fieldKind']; readonly plan: Plan }[];
}

/**
 * Makes a function that takes enum fields which say UNSPECIFIED out of the JSON
 * of such messages, in place: the public interface never sends that value, but
 * the writer that prints empty fields prints it too.
 */
export function unspecifiedRemover(desc: DescMessage): (json: unknown) => void {
  const plans = new Map<DescMessage, Plan>();
  const plan = planOf(desc, plans);
  for (const each of plans.values()) each.inner = each.inner.filter((field) => leadsToEnum(field.plan));
  return (json) => remove(plan, json);
}

function planOf(desc: DescMessage, known: Map<DescMessage, Plan>): Plan {
  const met = known.get(desc);
  if (met) return met;
  const plan: Plan = { enums: [], inner: [] };
  known.set(desc, plan);
  // Those have a JSON of their own.
  if (desc.typeName.startsWith('google.protobuf.')) return plan;
  for (const field of desc.fields) {
    const { jsonName: key, fieldKind: kind } = field;
    const unspecified = field.fieldKind === 'enum' ? nameOfZero(field.enum) : undefined;
    if (unspecified !== undefined) plan.enums.push({ key, unspecified });
    if (field.message) plan.inner.push({ key, kind, plan: planOf(field.message, known) });
  }
  return plan;
}

function leadsToEnum(plan: Plan, met = new Set<Plan>()): boolean {
  if (met.has(plan)) return false;
  met.add(plan);
  return plan.enums.length > 0 || plan.inner.some((field) => leadsToEnum(field.plan, met));
}

function nameOfZero(desc: DescEnum): string | undefined {
  return desc.values.find((value) => value.number === 0)?.name;
}

function remove({ enums, inner }: Plan, json: unknown): void {
  if (!isJsonObject(json)) return;
  for (const { key, unspecified } of enums) {
    if (json[key] === unspecified) delete json[key];
  }
  for (const { key, kind, plan } of inner) {
    const value = json[key];
    if (value === undefined) continue;
    if (kind === 'message') remove(plan, value);
    else for (const each of Object.values(value as object)) remove(plan, each);
  }
}
