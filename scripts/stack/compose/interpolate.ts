import { ConfigError } from '@im/common/config/config-error.ts';

/** `$$`, `$X`, `${X}`, `${X:-other}`, `${X-other}`, `${X:?why}`, `${X?why}`; a $ that is none of these. */
const REFERENCE = /\$(?:(\$)|(\w+)|\{(\w+)(?:(:?)([-?])([^}]*))?\})|\$/g;

/**
 * A value of a compose file with its variables filled in, by the rules of Compose: with
 * a colon an empty variable counts as missing. Throws ConfigError for one that must be there
 * and is not, and for a $ that means nothing.
 */
export function interpolate(text: string, variables: Readonly<Record<string, string | undefined>>): string {
  return text.replace(REFERENCE, (reference, dollar, bare, braced, colon, sign, rest) => {
    if (dollar) return '$';
    const name = bare ?? braced;
    if (name === undefined) throw new ConfigError(`"${reference}" in "${text}" must be $$ or a variable`);
    const value = variables[name];
    const isMissing = value === undefined || (colon === ':' && value === '');
    if (!isMissing) return value;
    if (sign === '?') throw new ConfigError(`${name} is missing: ${rest}`);
    return sign === '-' ? rest : '';
  });
}
