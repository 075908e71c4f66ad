import type { Person } from '../targets/target.ts';
import { openSockets } from './load-socket.ts';

export interface IdleSpec {
  readonly kind: 'idle';
  readonly socketUrls: readonly string[];
  readonly people: readonly Person[];
  readonly sockets: number;
}

/** Holds many signed-in sockets that do nothing, until the parent has looked. */
export async function runIdleLoad(
  spec: IdleSpec,
  mark: (name: 'open' | 'close') => Promise<void>,
): Promise<object> {
  await mark('open');
  const each = Array.from({ length: spec.sockets }, (_, i) => spec.people[i % spec.people.length]!);
  const sockets = await openSockets(spec.socketUrls, each, 100);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  await mark('close');
  for (const socket of sockets) socket.close();
  return {};
}

/** Milliseconds for what signing in left behind to be collected. */
const SETTLE_MS = 3_000;
