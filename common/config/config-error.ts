/** A setting that cannot be used. The message is one line that names where it stands, the key and the problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
