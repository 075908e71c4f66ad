import { murmur2 } from './murmur2.ts';

/**
 * The nodes in the order in which `key` prefers them (rendezvous hashing, by
 * their names, which differ). Everybody who knows the same names finds the same
 * order, whatever order they are given in; keys spread evenly; when a node goes
 * only its own keys move, each to the next of its order, and they come back with it.
 */
export function rendezvousOrder<T>(key: string, nodes: readonly T[], nameOf: (node: T) => string): T[] {
  return nodes
    .map((node) => {
      const name = nameOf(node);
      return { node, name, weight: murmur2(`${key} ${name}`) };
    })
    .sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1))
    .map(({ node }) => node);
}
