import { type StackAddresses, stackAddresses } from '@im/common/testing/stack-addresses.ts';

/** The servers that the product is to run on as a cluster; undefined: as one process, on none. */
export function clusterServers(): StackAddresses | undefined {
  if (process.env.IM_TEST_WAY !== 'cluster') return undefined;
  const servers = stackAddresses();
  if (servers === undefined)
    throw new Error('there are no servers for the cluster: npm run test:all starts them');
  return servers;
}
