/** How a container's addresses and paths are called on this machine. */
export interface LocalTerms {
  /** Names of all services of the file. */
  readonly services: readonly string[];
  /** The port of 127.0.0.1 that stands for one of a service's containers; without a service, of this container. */
  port(containerPort: number, service?: string): number;
  /** What stands for a port that is published on the machine; undefined where none is. */
  published(hostPort: number): number | undefined;
  /** Paths in the container, and here. */
  readonly paths: ReadonlyMap<string, string>;
}

const OWN = ['localhost', '127.0.0.1', '0.0.0.0'];

/**
 * Text of a container in terms of this machine: `<service>:<port>`, its own addresses with
 * a port, and paths that are mounted. An address of its own in `environment` is the
 * machine's where the file publishes that port: it is meant for clients.
 */
export function toLocal(text: string, terms: LocalTerms, where: 'environment' | 'container'): string {
  const hosts = [...terms.services, ...OWN].map(escaped).join('|');
  const paths = [...terms.paths.keys()].sort((a, b) => b.length - a.length).map(escaped);
  const address = `(?<![\\w.-])(${hosts}):(\\d+)(?!\\d)`;
  const path = paths.length === 0 ? '(?!)()' : `(?<![\\w/.-])(${paths.join('|')})(?![\\w.-])`;
  return text.replace(new RegExp(`${address}|${path}`, 'g'), (all, host, digits, target) => {
    if (target !== undefined) return terms.paths.get(target) ?? all;
    const port = Number(digits);
    if (!OWN.includes(host)) return `127.0.0.1:${terms.port(port, host)}`;
    const published = where === 'environment' ? terms.published(port) : undefined;
    return `127.0.0.1:${published ?? terms.port(port)}`;
  });
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
