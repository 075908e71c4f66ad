import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { unknownVariables, variableNames } from '@im/common/config/environment.ts';
import { aloneConfig, ENVIRONMENT_PREFIX } from '@im/common/service/run-alone.ts';
import { MODULES } from '@im/server';
import type { ComposeService } from '../compose-file.ts';
import { toLocal } from '../local-terms.ts';
import type { Container, Image } from './image.ts';

/** Variables that hold a port of the container, or what it listens on. */
const PORT = /^IM_(?:\w+_)?PORT$/;
const HOST = /^IM_(?:\w+_)?HOST$/;

/** What the Dockerfile says of its last stage. */
interface Dockerfile {
  readonly workdir: string;
  readonly entrypoint: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Runs its entry point in the folder that is the image's, with the Node of this process. */
export const ownImage: Image = async (container) => {
  const { service, composeDir, command, terms } = container;
  if (service.build === undefined) throw new Error(`${service.name} has an image that nobody builds`);
  requireKnownVariables(service);
  const context = resolve(composeDir, service.build.context);
  const { workdir, entrypoint, env } = readDockerfile(resolve(context, service.build.dockerfile));
  const local = { ...terms, paths: new Map([...terms.paths, [workdir, context]]) };
  const [file = '', ...args] = entrypoint.map((word) => toLocal(word, local, 'container'));
  return {
    command: { file, args: [...args, ...command], env: { ...env, ...listening(container) } },
    cwd: context,
    isServer: false,
  };
};

/** Its own ports, which on this machine are others, and on the loopback address alone. */
function listening({ service, terms }: Container): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(service.environment)) {
    if (PORT.test(name)) found[name] = String(terms.port(Number(value)));
    if (HOST.test(name)) found[name] = '127.0.0.1';
  }
  return found;
}

/** Refuses a variable that sets nothing in the service: nobody would miss what it was for. */
export function requireKnownVariables(service: ComposeService): void {
  const module = MODULES.find(({ name }) => name === service.command[0]);
  if (module === undefined)
    throw new Error(`${service.name} runs ${service.command[0]}, which is no service`);
  const known = variableNames(aloneConfig(module), ENVIRONMENT_PREFIX);
  const problems = unknownVariables(ENVIRONMENT_PREFIX, known, service.environment);
  const others = Object.keys(service.environment).filter(
    (name) => !name.startsWith(`${ENVIRONMENT_PREFIX}_`),
  );
  if (others.length > 0) problems.push(`${others.join(', ')} set nothing`);
  if (problems.length > 0) throw new Error(`${service.name}: ${problems.join('; ')}`);
}

function readDockerfile(file: string): Dockerfile {
  const last =
    readFileSync(file, 'utf8')
      .split(/^FROM /m)
      .at(-1) ?? '';
  const env = [...last.matchAll(/^ENV (\w+)=(\S*)$/gm)].map(([, name = '', value = '']) => [name, value]);
  const workdir = /^WORKDIR (\S+)$/m.exec(last)?.[1];
  const entrypoint = /^ENTRYPOINT (\[.*\])$/m.exec(last)?.[1];
  if (workdir === undefined || entrypoint === undefined)
    throw new Error(`${file} must say WORKDIR, and ENTRYPOINT as a list`);
  return { workdir, entrypoint: JSON.parse(entrypoint), env: Object.fromEntries(env) };
}
