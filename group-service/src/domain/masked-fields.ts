import { ImError, invalidField } from '@im/common/errors/im-error.ts';

/** The fields that a PATCH names, each once. Throws EMPTY_PATCH, INVALID_FIELD for one that is not among `known`. */
export function maskedFields<Name extends string>(
  mask: { readonly paths: readonly string[] } | undefined,
  known: readonly Name[],
): ReadonlySet<Name> {
  const paths = mask?.paths ?? [];
  if (paths.length === 0) throw new ImError('EMPTY_PATCH', 'name at least one field to change');
  const unknown = paths.find((path) => !known.some((name) => name === path));
  if (unknown !== undefined) throw invalidField('updateMask', `${unknown} cannot be changed here`);
  return new Set(paths as Name[]);
}
