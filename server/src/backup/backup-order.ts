import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE_NAMES, type ServiceName } from '@im/common/service/names.ts';

/**
 * Who is told of changes is copied before those who tell: what was told in
 * between is then missing in the older copy only, and replaying the outboxes
 * brings it. The other way round the teller would give version numbers again
 * that the older one has already seen, and what they stand for would be lost.
 * Everybody tells chat-service; user-service tells auth-service too, but only to
 * end sessions, which a restore does anyway.
 */
const ORDER: readonly ServiceName[] = [
  'chat-service',
  'friend-service',
  'group-service',
  'user-service',
  'auth-service',
];

/** What a backup holds beside the databases. */
export const KEY_FILES: readonly string[] = ['keys.json', 'admin.key'];

/** The services with a database in a data folder, in the order in which they are copied. */
export function servicesIn(dataDir: string): ServiceName[] {
  const files = new Set(readdirSync(dataDir));
  const later = SERVICE_NAMES.filter((name) => !ORDER.includes(name));
  return [...ORDER, ...later].filter((name) => files.has(databaseFile(name)));
}

/** The file of a service's database. */
export function databaseFile(service: ServiceName): string {
  return `${service}.db`;
}

/** The service whose database a file is; undefined for any other file. */
export function serviceOf(file: string): ServiceName | undefined {
  return SERVICE_NAMES.find((name) => databaseFile(name) === file);
}

/** Its path in a folder. */
export function databasePath(folder: string, service: ServiceName): string {
  return join(folder, databaseFile(service));
}
