import type { Database } from '@im/common/database/database.ts';
import { rowReader } from '@im/common/database/rows.ts';
import type { OutboxTables } from '@im/common/model/outbox.ts';
import { markUnsent } from '@im/common/model/outbox-store.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import { partitionOf } from '@im/common/utils/murmur2.ts';
import { countRows } from './table.ts';

/** Topics looked at in one go, and marked in one transaction. */
const BATCH = 500;

/** Up to where chat-service has the changes of another service. */
interface AppendPosition {
  partition_id: number;
  conversation_id: string;
  source: string;
  version: number;
}

const readPositions = rowReader<AppendPosition>('append_position', [
  'partition_id',
  'conversation_id',
  'source',
]);

/** A topic of an outbox, its last version, and up to where chat-service has it. */
export interface Seam {
  readonly topic: string;
  readonly version: number;
  readonly taken: number;
}

/**
 * Where chat-service's database and a service's do not meet: topics that one has
 * further than the other. `taken` below `version`: changes are to be told again.
 * Above it: chat-service knows changes that the service will make anew, which
 * cannot be healed. Topics of other receivers count as not taken.
 */
export async function* seamsOf(
  service: ServiceName,
  database: Database<OutboxTables>,
  chat: Database<unknown>,
): AsyncGenerator<Seam[]> {
  const partitions = await countRows(chat.read, { name: 'log_partition' });
  for (let after = ''; ; ) {
    const topics = await database.read
      .selectFrom('outbox_topic')
      .selectAll()
      .where('topic', '>', after)
      .orderBy('topic')
      .limit(BATCH)
      .execute();
    if (topics.length === 0) return;
    const keys = topics.map(({ topic }) => [partitionOf(topic, partitions), topic, service]);
    const positions = await readPositions(chat.read, keys);
    const taken = new Map(positions.map((row) => [row.conversation_id, row.version]));
    yield topics
      .map(({ topic, version }) => ({ topic, version, taken: taken.get(topic) ?? 0 }))
      .filter((seam) => seam.taken !== seam.version);
    after = topics.at(-1)!.topic;
  }
}

/** Has the outbox tell again what the seam has lost. Gives how many topics that concerns. */
export async function takeUpTopics(
  service: ServiceName,
  database: Database<OutboxTables>,
  chat: Database<unknown>,
): Promise<number> {
  let topics = 0;
  for await (const seams of seamsOf(service, database, chat)) {
    if (seams.length === 0) continue;
    await database.transaction(async (trx) => {
      for (const { topic, taken } of seams) await markUnsent(trx, topic, taken + 1);
    });
    topics += seams.length;
  }
  return topics;
}
