/**
 * A deep copy of a message, sharing nothing with it. It takes the message at
 * its word: values that do not fit the contract are copied too.
 */
export function copyMessage<T>(message: T): T {
  return copyValue(message) as T;
}

function copyValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyValue);
  if (value instanceof Uint8Array) return value.slice();
  const copy = shallowCopy(value);
  // Without a list of its keys: messages are copied several times on their way.
  for (const key in copy) {
    const inner = copy[key];
    if (typeof inner === 'object' && inner !== null && Object.hasOwn(copy, key)) copy[key] = copyValue(inner);
  }
  return copy;
}

function shallowCopy(value: object): Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return { ...value };
  // The prototype of a message holds what its optional fields are when unset.
  return Object.assign(Object.create(prototype), value);
}
