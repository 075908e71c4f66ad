/** Those of the fields that differ from what the row has; undefined when none does. */
export function changedFields<Fields extends object>(
  row: Readonly<Required<Fields>>,
  fields: Fields,
): Partial<Fields> | undefined {
  const names = (Object.keys(fields) as (keyof Fields)[]).filter((name) => row[name] !== fields[name]);
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name, fields[name]])) as Partial<Fields>;
}
