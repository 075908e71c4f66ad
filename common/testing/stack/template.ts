import { join } from 'node:path';
import { cached, platformFolder } from './cache-folder.ts';

/** What a server needs when it is new, made once for each version and kept in the cache to be copied. */
export function template(version: string, make: (dir: string) => Promise<void>): Promise<string> {
  return cached(join(platformFolder(), 'templates', version.toLowerCase().replace(/[^\w.]+/g, '-')), make);
}
