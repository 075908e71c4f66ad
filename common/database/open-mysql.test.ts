import { describe } from 'vitest';
import { createLogger } from '../telemetry/log.ts';
import { createMysqlSchema } from '../testing/mysql-schema.ts';
import { stackAddresses } from '../testing/stack-addresses.ts';
import { databaseConformance } from './conformance.ts';
import { openMysqlDatabase } from './open-mysql.ts';

const addresses = stackAddresses();
const log = createLogger({ level: 'silent' });

describe.skipIf(addresses === undefined)('MySQL', () => {
  describe('conformance', () => {
    databaseConformance(async () => {
      const schema = await createMysqlSchema(addresses!.mysqlUrl);
      return {
        open: (migrations) => openMysqlDatabase({ url: schema.url, migrations, now: Date.now, log }),
        remove: schema.drop,
      };
    });
  });
});
