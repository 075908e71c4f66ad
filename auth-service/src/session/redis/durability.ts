import type { Redis } from '@im/common/cache/redis.ts';
import { ConfigError } from '@im/common/config/config-error.ts';
import { ImError } from '@im/common/errors/im-error.ts';

/**
 * What a Redis must be set to that keeps sessions: a change is on its disk before it is answered, and
 * nothing is thrown away when its memory is full.
 */
const NEEDED = { appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction' };

/** Refuses a server that would lose sessions: throws ConfigError with what to set. */
export async function requireDurable(client: Redis): Promise<void> {
  const wrong: string[] = [];
  for (const [name, needed] of Object.entries(NEEDED)) {
    const found = await settingOf(client, name);
    if (found !== needed) wrong.push(`${name} ${needed} (it is ${found})`);
  }
  if (wrong.length > 0) {
    throw new ConfigError(
      `sessions: the Redis that keeps them would lose some; it needs ${wrong.join(', ')}`,
    );
  }
}

async function settingOf(client: Redis, name: string): Promise<string | undefined> {
  try {
    const [, value] = (await client.config('GET', name)) as string[];
    return value;
  } catch (error) {
    if (error instanceof ImError) throw error;
    // A managed server that lets nobody look.
    throw new ConfigError(
      'sessions: this Redis does not let its settings be read; see to it that it writes each change to disk ' +
        'before it answers (appendonly yes, appendfsync always), then set sessionsDurability to vouched',
    );
  }
}
