import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { writePrivateFile } from '@im/common/utils/private-file.ts';
import { VARIABLE_GROUPS, type Variables } from './variables.ts';

const HEAD = `# Secrets of docker-compose.yaml, made by init-env. Whoever has them is the system:
# keep a copy in a safe place, and do not commit it.
`;

/** The variables of an env file as a compose file would get them; none where there is no file. */
export function readEnvFile(file: string): Variables {
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
}

/**
 * Sees to it that the file has every variable the compose file needs, with mode
 * 0600. What is there stays as it is, to the letter. Gives the names of those that
 * were added. Throws ConfigError, and writes nothing, where halves of a key do not
 * fit each other.
 */
export function completeEnvFile(file: string): string[] {
  let text = existsSync(file) ? readFileSync(file, 'utf8') : HEAD;
  if (!text.endsWith('\n')) text += '\n';
  const present = parseEnv(text);
  const added: string[] = [];
  for (const { comment, make } of VARIABLE_GROUPS) {
    const made = Object.entries(make(present));
    const lines = made.filter(([name, value]) => {
      const filled = fillIn(text, name, value);
      text = filled ?? text;
      return filled === undefined;
    });
    if (lines.length > 0)
      text += `\n# ${comment}\n${lines.map(([name, value]) => line(name, value)).join('')}`;
    added.push(...made.map(([name]) => name));
  }
  writePrivateFile(file, text);
  return added;
}

/** The text with the value on the line that has the name without one; undefined where there is no such line. */
function fillIn(text: string, name: string, value: string): string | undefined {
  const empty = new RegExp(`^(?:export )?${name}=(?:''|"")?[ \\t]*\\n`, 'm');
  return empty.test(text) ? text.replace(empty, () => line(name, value)) : undefined;
}

// In single quotes nothing in it means anything.
function line(name: string, value: string): string {
  return `${name}='${value}'\n`;
}
