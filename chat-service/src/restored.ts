import type { RestoreHost } from '@im/common/service/module.ts';
import { newEpoch } from './epoch.ts';
import { renewEpoch } from './store/log-partition.ts';
import { migrations } from './store/migrations/index.ts';
import type { ChatSchema } from './store/schema.ts';

/**
 * Renews the epoch: the log goes on from an earlier state, so seqs that devices
 * have seen are given again to other events. With another epoch a device drops
 * its copy and no cursor or cache of before is believed.
 */
export async function restored(_settings: unknown, host: RestoreHost): Promise<string> {
  const database = await host.openDatabase<ChatSchema>(migrations);
  await database.transaction((trx) => renewEpoch(trx, newEpoch()));
  return 'a new epoch, every client syncs afresh';
}
