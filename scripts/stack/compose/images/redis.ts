import { dirname, join } from 'node:path';
import { addProgram, binFolder, type Image, programOf } from './image.ts';

const PORT = 6379;

/** Runs its command; where it listens is added, since its file of settings cannot say so for both. */
export const redisImage: Image = async ({ dir, terms, command }) => {
  const { launch } = programOf('redis');
  const port = String(terms.port(PORT));
  addProgram(dir, 'redis-server', launch, ['--port', port, '--bind', '127.0.0.1']);
  // Every package has both, in one folder.
  const server = launch.args.at(-1) ?? launch.file;
  const client = join(dirname(server), 'redis-cli');
  const [file = '', ...args] = [launch.file, ...launch.args].map((word) => (word === server ? client : word));
  addProgram(dir, 'redis-cli', { file, args: [...args, '-p', port], env: launch.env });
  const [name = '', ...rest] = command.length > 0 ? command : ['redis-server'];
  return {
    command: { file: name === 'redis-server' ? join(binFolder(dir), name) : name, args: rest },
    cwd: dir,
    isServer: true,
  };
};
