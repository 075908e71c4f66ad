import { claimPorts } from '@im/common/testing/stack/ports.ts';

/** More than a container of the file has. */
const PER_CONTAINER = 4;

/** Ports of this machine, each for one port of one container; the same one each time it is asked for. */
export type LocalPorts = (container: string, containerPort: number) => number;

/** Claims enough of them for so many containers. */
export async function claimLocalPorts(containers: number): Promise<LocalPorts> {
  const free = await claimPorts(containers * PER_CONTAINER);
  const taken = new Map<string, number>();
  return (container, containerPort) => {
    const key = `${container}:${containerPort}`;
    const port = taken.get(key) ?? free.pop();
    if (port === undefined) throw new Error('there are more ports in the compose file than was thought of');
    taken.set(key, port);
    return port;
  };
}
