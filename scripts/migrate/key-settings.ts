import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile } from '@im/common/utils/private-file.ts';
import { loadAdminKey, loadKeys } from '@im/server';

/** The secrets of a data folder as variables of a cluster's services: with them the tokens of before are good. */
export function keySettings(dataDir: string): Record<string, string> {
  // They would be made where there are none, and say nothing about the tokens that were given.
  for (const name of ['keys.json', 'admin.key'])
    if (!existsSync(join(dataDir, name))) throw new Error(`${dataDir} has no ${name}`);
  const { accessTokenKeys, refreshSecret } = loadKeys(dataDir);
  return {
    IM_SIGNING_KEYS: JSON.stringify(accessTokenKeys),
    IM_REFRESH_SECRET: refreshSecret,
    IM_ADMIN_KEY: loadAdminKey(dataDir).key,
  };
}

/** Sets variables in an env file, made with mode 0600 where there is none. Everything else in it stays as it is. */
export function setInEnvFile(file: string, variables: Readonly<Record<string, string>>): void {
  let text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (text !== '' && !text.endsWith('\n')) text += '\n';
  for (const [name, value] of Object.entries(variables)) {
    // In single quotes nothing in it means anything.
    const line = `${name}='${value}'\n`;
    const present = new RegExp(`^(?:export )?${name}=.*\\n`, 'm');
    text = present.test(text) ? text.replace(present, () => line) : text + line;
  }
  writePrivateFile(file, text);
}
