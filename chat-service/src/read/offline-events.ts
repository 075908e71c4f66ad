import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import type { OfflineCache } from '@im/common/offline/offline-cache.ts';
import { withoutContent } from '@im/common/utils/without-content.ts';
import type { Kysely } from 'kysely';
import { fold } from '../domain/fold.ts';
import type { ChatSchema } from '../store/schema.ts';
import { hiddenAmong } from './hidden-among.ts';
import type { Viewer } from './viewer.ts';

/** The offline cache, and the epoch of the store that it must be of. */
export interface CachedEvents {
  readonly offlineCache: OfflineCache;
  readonly epoch: string;
}

/**
 * A viewer's events above a change from the offline cache, folded; undefined
 * where it does not hold all of them up to the head that the store gave.
 */
export async function offlineEvents(
  db: Kysely<ChatSchema>,
  viewer: Viewer,
  sinceChangeNo: number,
  { offlineCache, epoch }: CachedEvents,
): Promise<Event[] | undefined> {
  const { headSeq, leftSeq } = viewer.head;
  // A former member's head lies where no list ends.
  if (leftSeq !== undefined) return undefined;
  const found = await offlineCache.read(viewer.membership.conversation_id, { epoch, sinceChangeNo, headSeq });
  if (!found) return undefined;
  // Of the edits only those that the viewer may see: what was edited while they were away is not theirs.
  const events = fold(
    found.filter((event) => viewer.sees(event.seq)),
    headSeq,
  );
  const targets = events.map((event) => ({ seq: event.seq, target_seq: targetOf(event) }));
  const hidden = await hiddenAmong(db, viewer, targets);
  return events
    .filter((event) => !(event.kind.case === 'message' && hidden.has(event.seq)))
    .map((event) => {
      const target = targetOf(event);
      return target !== 0 && (!viewer.sees(target) || hidden.has(target)) ? withoutContent(event) : event;
    });
}

function targetOf({ kind }: Event): number {
  switch (kind.case) {
    case 'edited':
    case 'recalled':
    case 'reaction':
    case 'pinned':
      return kind.value.targetSeq;
    default:
      return 0;
  }
}
