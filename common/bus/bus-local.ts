import type { Logger } from '../telemetry/log.ts';
import type { Bus, BusSubscription } from './bus.ts';
import { createLocalConsumer, type LocalConsumer } from './local-consumer.ts';

/**
 * The bus of one process: hands records over directly.
 *
 * Limit: what a consumer had not taken is gone with the process. That is
 * enough here, because the sockets it was for are gone with it too; so nothing
 * is ever lost that a follower would have to be told of.
 */
export function createLocalBus({ log }: { log?: Logger } = {}): Bus {
  const groups = new Map<string, LocalConsumer[]>();
  return {
    async publish(records, traces) {
      for (const consumers of groups.values()) {
        // One member of a group takes a conversation's records: the first does.
        await consumers[0]?.take(records, traces);
      }
    },
    async subscribe(group, { take }): Promise<BusSubscription> {
      const consumer = createLocalConsumer(take, (error) =>
        log?.error({ err: error, group }, 'a consumer lost records'),
      );
      groups.set(group, [...(groups.get(group) ?? []), consumer]);
      return {
        close() {
          const others = (groups.get(group) ?? []).filter((other) => other !== consumer);
          groups.set(group, others);
          return consumer.close();
        },
      };
    },
    async reachable() {},
  };
}
