import { describeError } from '@im/common/errors/describe-error.ts';
import { cached } from '@im/common/testing/stack/cache-folder.ts';
import { findEngine, pullImage } from '@im/common/testing/stack/container.ts';
import type { Launch } from '@im/common/testing/stack/debian-launch.ts';
import { jarFolder } from '@im/common/testing/stack/kafka-jars.ts';
import { findJava, findMaven, findProgram, packageFolder } from '@im/common/testing/stack/programs.ts';
import { ADDRESS_VARIABLES, PROGRAM_KINDS, type ProgramKind } from '@im/common/testing/stack/server-kinds.ts';
import { unpackPackages, type Wanted } from './debian-packages.ts';
import { fetchKafkaJars } from './maven-jars.ts';

/** In the order in which they are tried. */
const PACKAGES: Readonly<Record<Exclude<ProgramKind, 'kafka'> | 'java' | 'maven', readonly Wanted[]>> = {
  // Debian has MySQL in unstable only, its releases have MariaDB.
  mysql: [
    { names: ['mysql-server-core', 'mysql-server-core-8.4', 'mysql-server-core-8.0'], release: 'own' },
    { names: ['mysql-server-core'], release: 'unstable' },
  ],
  redis: [{ names: ['redis-server'], release: 'own' }],
  etcd: [{ names: ['etcd-server'], release: 'own' }],
  java: [{ names: ['openjdk-21-jre-headless', 'openjdk-17-jre-headless'], release: 'own' }],
  maven: [{ names: ['maven'], release: 'own' }],
};

/**
 * Sees to it that this machine can run each server of `kinds`: what is neither
 * installed nor in the cache is fetched into it. `say` gets a line for each.
 * Throws with all that failed, after the others are there.
 */
export async function fetchPrograms(
  say: (line: string) => void,
  kinds: readonly ProgramKind[] = PROGRAM_KINDS,
): Promise<void> {
  const results = await Promise.allSettled(kinds.map((kind) => fetchProgram(kind, say)));
  const failures = results.flatMap((result, at) =>
    result.status === 'rejected' ? [failed(kinds[at] as ProgramKind, result.reason)] : [],
  );
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

async function fetchProgram(kind: ProgramKind, say: (line: string) => void): Promise<void> {
  const present = findProgram(kind);
  if (present !== undefined) return say(`${kind}: ${present.version} is there`);
  say(`${kind}: being fetched`);
  const startedAt = performance.now();
  const engine = findEngine();
  if (engine !== undefined) pullImage(engine, kind);
  else if (kind === 'kafka') await fetchKafka();
  else await fetchPackages(kind);
  const program = findProgram(kind);
  if (program === undefined) throw new Error('what was fetched does not run here');
  say(`${kind}: ${program.version} fetched in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

async function fetchKafka(): Promise<void> {
  const java = await findOrFetch('java', findJava);
  const maven = await findOrFetch('maven', findMaven);
  await cached(jarFolder(), (dir) => fetchKafkaJars(dir, maven, java));
}

async function findOrFetch(name: 'java' | 'maven', find: () => Launch | undefined): Promise<Launch> {
  const present = find();
  if (present !== undefined) return present;
  await fetchPackages(name);
  const fetched = find();
  if (fetched === undefined) throw new Error(`the ${name} that was fetched does not run here`);
  return fetched;
}

async function fetchPackages(name: keyof typeof PACKAGES): Promise<void> {
  await cached(packageFolder(name), async (dir) => {
    const failures: unknown[] = [];
    for (const wanted of PACKAGES[name]) {
      try {
        return await unpackPackages(dir, wanted);
      } catch (error) {
        failures.push(error);
      }
    }
    throw failures.at(-1);
  });
}

function failed(kind: ProgramKind, error: unknown): string {
  return `${kind} cannot be had: ${describeError(error)}\n  Install it, or give an address in ${ADDRESS_VARIABLES[kind]}.`;
}
