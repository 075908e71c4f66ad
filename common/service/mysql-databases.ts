import type { Registry } from 'prom-client';
import type { Database, Migrations } from '../database/database.ts';
import { openMysqlDatabase } from '../database/open-mysql.ts';
import type { Waits } from '../lifecycle/wait-for.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ServiceName } from './names.ts';

/** The MySQL schemas of a process's services. */
export interface MysqlDatabases {
  /** Waits until the server is there. */
  open<S>(
    service: ServiceName,
    options: { url: string; migrations: Migrations; metrics: Registry },
  ): Promise<Database<S>>;
  close(): Promise<void>;
}

export function createMysqlDatabases(options: {
  now: () => number;
  log: Logger;
  waits: Waits;
}): MysqlDatabases {
  const { now, log, waits } = options;
  const opened: Database<unknown>[] = [];
  return {
    async open<S>(service: ServiceName, where: { url: string; migrations: Migrations; metrics: Registry }) {
      const database = await waits.until(`MySQL of ${service}`, () =>
        openMysqlDatabase<S>({ ...where, now, log: log.child({ service }) }),
      );
      opened.push(database as Database<unknown>);
      return database;
    },
    async close() {
      await Promise.all(opened.splice(0).map((database) => database.close()));
    },
  };
}
