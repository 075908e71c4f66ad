/** An object of parsed JSON. */
export type JsonObject = Record<string, unknown>;

/** Whether parsed JSON is an object: not null, not a list. */
export function isJsonObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
