import { ConfigError } from '@im/common/config/config-error.ts';
import type { ServiceName } from '@im/common/service/names.ts';

type Sections = Readonly<Partial<Record<ServiceName, Record<string, unknown>>>>;

/** One rule with two keepers: who may write to whom, and who may bring whom into a group. */
const DIRECT_MESSAGES = 'directMessages';
const KEEPERS: readonly ServiceName[] = ['chat-service', 'group-service'];

/**
 * What services have to agree on, from the section of whichever of them it
 * stands in. Throws ConfigError where two sections say different things.
 */
export function sharedSettings(sections: Sections, where: string): Sections {
  const given = KEEPERS.filter((name) => sections[name]?.[DIRECT_MESSAGES] !== undefined);
  const [first, second] = given;
  if (first === undefined) return {};
  const value = sections[first]![DIRECT_MESSAGES];
  if (second !== undefined && sections[second]![DIRECT_MESSAGES] !== value) {
    throw new ConfigError(`${where}: ${second}: ${DIRECT_MESSAGES}: is another one than ${first} has`);
  }
  return Object.fromEntries(KEEPERS.map((name) => [name, { [DIRECT_MESSAGES]: value }]));
}
