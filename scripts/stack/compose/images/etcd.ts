import { join } from 'node:path';
import { addClient, addProgram, binFolder, type Image, programOf, requireKnown } from './image.ts';

/** Runs its command, which says everything. */
export const etcdImage: Image = async (container) => {
  const { service, dir, command } = container;
  requireKnown(container, 'ETCD_', []);
  const { launch } = programOf('etcd');
  addProgram(dir, 'etcd', launch);
  addClient(dir, 'etcdctl', {});
  const [name, ...args] = command;
  if (name !== 'etcd') throw new Error(`${service.name} must run etcd`);
  // Older ones refuse ARM unless told that this is meant.
  const env: Record<string, string> = process.arch === 'arm64' ? { ETCD_UNSUPPORTED_ARCH: 'arm64' } : {};
  return { command: { file: join(binFolder(dir), 'etcd'), args, env }, cwd: dir, isServer: true };
};
