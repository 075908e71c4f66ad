import type { HistoryEntry, Saw } from '../history.ts';
import type { Ledger } from '../ledger.ts';
import { uidsOf } from '../member-spans.ts';
import type { Violation } from '../violation.ts';

/**
 * P4: a push that is lost ends in a resync, never in silence. A device that
 * had to ask for an event, because a later one showed it the hole, gets the
 * push of it too, or is told to resync.
 *
 * Looked at whenever a device is quiet, for what was asked for before it was
 * quiet the last time: by then what is only late has come.
 */
export function noSilentLoss(ledger: Ledger): Violation[] {
  const connections = new Map<string, Connection>();
  return ledger.entries.flatMap((entry): Violation[] => {
    if (!('device' in entry)) return [];
    if (entry.entry === 'welcomed') connections.set(entry.device, emptyConnection());
    const connection = connections.get(entry.device);
    if (!connection) return [];
    note(connection, entry);
    if (entry.entry !== 'held') return [];
    const { device, conversationId } = entry;
    return lostBeforeLastQuiet(connection, conversationId).map((seq) => ({
      promise: 'P4',
      text: `${device} was never pushed ${conversationId} #${seq} nor told to resync; it saw the hole and asked`,
    }));
  });
}

/** What came to a device since it was welcomed the last time. */
interface Connection {
  resynced: boolean;
  /** By conversation: up to where syncs have brought everything, or before what one joined. */
  synced: Map<string, number>;
  /** By conversation: seqs that came by push or sync. */
  brought: Map<string, Set<number>>;
  /** By conversation: seqs of others that the device asked for. */
  asked: Map<string, Set<number>>;
  /** By conversation: of these, those that nothing had brought when it was quiet. */
  suspects: Map<string, number[]>;
}

function emptyConnection(): Connection {
  return { resynced: false, synced: new Map(), brought: new Map(), asked: new Map(), suspects: new Map() };
}

function note(connection: Connection, entry: HistoryEntry): void {
  if (entry.entry === 'resync') connection.resynced = true;
  if (entry.entry === 'saw') noteEvent(connection, entry);
  if (entry.entry !== 'synced') return;
  for (const { conversationId, headSeq } of entry.conversations)
    noteSynced(connection, conversationId, headSeq);
}

/** Never back: what a sync read before a rejoin may arrive behind the push of it. */
function noteSynced({ synced }: Connection, conversationId: string, upTo: number): void {
  synced.set(conversationId, Math.max(synced.get(conversationId) ?? 0, upTo));
}

function noteEvent(connection: Connection, { by, uid, event }: Saw): void {
  const { conversationId, seq } = event;
  // What a group was before one joined it nobody pushes: one asks for it.
  if (uidsOf(event.memberAdded).includes(uid)) noteSynced(connection, conversationId, seq);
  // One's own socket gets the answer, and may do without the push.
  if (by === 'history' && event.actorUid === uid) return;
  const seqs = by === 'history' ? connection.asked : connection.brought;
  const own = seqs.get(conversationId) ?? new Set();
  seqs.set(conversationId, own.add(seq));
}

function lostBeforeLastQuiet(connection: Connection, conversationId: string): number[] {
  if (connection.resynced) return [];
  const brought = connection.brought.get(conversationId);
  const synced = connection.synced.get(conversationId) ?? 0;
  const isLost = (seq: number) => seq > synced && !brought?.has(seq);
  const lost = (connection.suspects.get(conversationId) ?? []).filter(isLost);
  connection.suspects.set(conversationId, [...(connection.asked.get(conversationId) ?? [])].filter(isLost));
  return lost;
}
