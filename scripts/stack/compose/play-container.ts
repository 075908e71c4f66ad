import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beginLife, type Life } from '@im/common/testing/stack/life.ts';
import { temporaryFolder } from '@im/common/testing/stack/temporary-folder.ts';
import type { ComposeService } from './compose-file.ts';
import { mountInto } from './container-folder.ts';
import { checkCommand, untilHealthy } from './health.ts';
import { binFolder } from './images/image.ts';
import { imageNamed } from './images/images.ts';
import { type LocalTerms, toLocal } from './local-terms.ts';

/** A process that plays a container of a compose file, and ends with this one, however that ends. */
export interface PlayedContainer {
  readonly logFile: string;
  /** Resolves once its health check succeeds. */
  healthy(signal: AbortSignal): Promise<void>;
  /** Ends it, a service of ours with SIGTERM, and removes what it wrote. */
  stop(): Promise<void>;
}

/** Starts it: with its command, its variables and what it mounts, in terms of this machine. */
export async function playContainer(
  service: ComposeService,
  composeDir: string,
  terms: Omit<LocalTerms, 'paths'>,
): Promise<PlayedContainer> {
  const temporary = temporaryFolder(`im-compose-${service.name}-`);
  const dir = temporary.path;
  const logFile = join(dir, 'output.log');
  let life: Life | undefined;
  let isServer = true;
  const stop = async () => {
    await life?.end(isServer ? 'SIGKILL' : 'SIGTERM');
    temporary.remove();
  };
  const hasEnded = () => life?.hasEnded ?? true;
  try {
    const local: LocalTerms = { ...terms, paths: mountInto(dir, service, composeDir, terms) };
    const env = Object.fromEntries(
      Object.entries(service.environment).map(([name, value]) => [
        name,
        toLocal(value, local, 'environment'),
      ]),
    );
    const command = service.command.map((word) => toLocal(word, local, 'container'));
    const played = await imageNamed(service.image)({ service, dir, composeDir, terms: local, env, command });
    isServer = played.isServer;
    mkdirSync(join(dir, 'home'));
    const whole = {
      PATH: [binFolder(dir), dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
      HOME: join(dir, 'home'),
      ...env,
      ...played.command.env,
    };
    life = beginLife({ ...played.command, env: whole, bare: true }, played.cwd, logFile, { temporary: dir });
    await played.initialize?.({ env: whole, logFile, hasEnded });
    const test = checkCommand(service.healthcheck.test, (text) => toLocal(text, local, 'container'));
    return {
      logFile,
      stop,
      healthy: (signal) =>
        untilHealthy(
          {
            name: service.name,
            healthcheck: service.healthcheck,
            command: test,
            env: whole,
            cwd: played.cwd,
            logFile,
            hasEnded,
          },
          signal,
        ),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
