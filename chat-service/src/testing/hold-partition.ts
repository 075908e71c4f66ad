// A process of its own that begins to write a conversation as an instance would,
// and stands there: it locks the partition, moves change_no and waits to be told
// to COMMIT. Prints 'locked', then how the COMMIT ended.
import { once } from 'node:events';
import { openMysqlDatabase } from '@im/common/database/open-mysql.ts';
import { createLogger } from '@im/common/telemetry/log.ts';
import { updatePartitions, waitForPartitions } from '../store/log-partition.ts';
import { migrations } from '../store/migrations/index.ts';
import type { ChatSchema } from '../store/schema.ts';

const [url, partitionId] = process.argv.slice(2);
const log = createLogger({ level: 'silent' });
const database = await openMysqlDatabase<ChatSchema>({ url: url!, migrations, now: Date.now, log });
try {
  await database.transaction(
    async (trx) => {
      const [row] = await waitForPartitions(trx, [Number(partitionId)]);
      await updatePartitions(trx, [{ ...row!, change_no: row!.change_no + 1_000 }]);
      process.stdout.write('locked\n');
      await once(process.stdin, 'data');
    },
    { once: true },
  );
  process.stdout.write('committed\n');
} catch (error) {
  process.stdout.write(`refused ${(error as { code?: unknown }).code}\n`);
}
await database.close();
process.stdin.destroy();
