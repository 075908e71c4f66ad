import type { Logger } from '@im/common/telemetry/log.ts';
import type { ChangedReader } from '../read/changed.ts';
import type { Delivery, Gateways } from './gateways.ts';

/** State of one user's that a device of theirs changed; without a conversation it is their profile. */
export interface OwnChange {
  readonly uid: string;
  readonly conversationId?: string;
}

/**
 * Shows their own changes to people's devices, as they stand when they are
 * read. Beside the events, which must not wait for these reads; what changes
 * again before it was read is read once.
 */
export interface OwnChanges {
  add(change: OwnChange): void;
  /** Shows what is left. */
  close(): Promise<void>;
}

export function createOwnChanges(options: {
  changed: ChangedReader;
  gateways: Gateways;
  log: Logger;
}): OwnChanges {
  const { changed, gateways, log } = options;
  let waiting = new Map<string, OwnChange>();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (waiting.size > 0) {
      const changes = [...waiting.values()];
      waiting = new Map();
      const connected = await gateways.connected([...new Set(changes.map(({ uid }) => uid))]);
      for (const change of changes) {
        if (connected.has(change.uid)) await gateways.deliver([await frameOf(change)]);
      }
    }
    running = undefined;
  }

  /** Where the change cannot be read the devices are told to sync: it must not get lost in silence. */
  async function frameOf({ uid, conversationId }: OwnChange): Promise<Delivery> {
    try {
      const value =
        conversationId === undefined
          ? await changed.profile(uid)
          : await changed.conversation(uid, conversationId);
      if (value) return { uids: [uid], frame: { case: 'changed', value } };
    } catch (error) {
      log.warn({ err: error, conversationId }, 'a change could not be read; its devices are told to sync');
    }
    return { uids: [uid], frame: { case: 'resync', value: {} } };
  }

  return {
    add(change) {
      waiting.set(`${change.uid} ${change.conversationId ?? ''}`, change);
      running ??= Promise.resolve().then(run);
    },
    async close() {
      await running;
    },
  };
}
