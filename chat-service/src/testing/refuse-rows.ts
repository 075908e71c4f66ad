import { testEngine } from '@im/common/testing/test-store.ts';
import type { SharedDatabase } from './shared-database.ts';

/** From here on the store fails what is done to a table's rows, where `condition` on the new row (`new.…`) holds. Answers what ends that. */
export async function refuseRows(
  { query }: SharedDatabase,
  change: 'insert' | 'update',
  table: string,
  condition = '1 = 1',
): Promise<() => Promise<void>> {
  const name = `refuse_${change}_${table}`;
  const body =
    testEngine() === 'mysql'
      ? `for each row begin if ${condition} then
           signal sqlstate '45000' set message_text = 'refused by the test'; end if; end`
      : `when ${condition} begin select raise(abort, 'refused by the test'); end`;
  await query(`create trigger ${name} before ${change} on ${table} ${body}`);
  return async () => {
    await query(`drop trigger ${name}`);
  };
}
