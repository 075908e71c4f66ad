import type { HistoryEntry, Request } from '@im/common/testing/checker/history.ts';

/** What a run was made of, so that one which did next to nothing is not mistaken for a good one. */
export interface Counts {
  kills: number;
  invoked: number;
  answered: number;
  refused: number;
  pushed: number;
  synced: number;
  /** Times that somebody went out of a group or came back. */
  memberChanges: number;
  /** Requests about groups that were answered. */
  answeredInGroups: number;
  /** Sends that were unanswered at the moment of a kill. */
  cutOff: number;
  /** Of these: stored before the kill, answered only after it. */
  acksLost: number;
}

export function countsOf(history: readonly HistoryEntry[]): Counts {
  const counts = {
    kills: 0,
    invoked: 0,
    answered: 0,
    refused: 0,
    pushed: 0,
    synced: 0,
    memberChanges: memberChangesOf(history),
    answeredInGroups: 0,
    cutOff: 0,
    acksLost: 0,
  };
  /** Unanswered sends by their names, with the time of the last kill that found them so. */
  const open = new Map<string, string>();
  const known = new Set<string>();
  for (const entry of history) {
    if (entry.entry === 'invoked') {
      counts.invoked++;
      const name = nameOf(entry.request);
      if (entry.request.kind === 'sendMessage' && !known.has(name)) open.set(name, '');
      known.add(name);
    } else if (entry.entry === 'answered') {
      counts.answered++;
      if (entry.request.body.conversationId.startsWith('g:')) counts.answeredInGroups++;
      const cutOffAt = open.get(nameOf(entry.request)) ?? '';
      open.delete(nameOf(entry.request));
      if ('message' in entry.answer && entry.answer.message.sentAt < cutOffAt) counts.acksLost++;
    } else if (entry.entry === 'refused') {
      counts.refused++;
      open.delete(nameOf(entry.request));
    } else if (entry.entry === 'saw' && entry.by === 'push') counts.pushed++;
    else if (entry.entry === 'synced') counts.synced++;
    else if (entry.entry === 'server' && entry.what === 'killed') {
      counts.kills++;
      counts.cutOff += open.size;
      for (const name of open.keys()) open.set(name, entry.at);
    }
  }
  return counts;
}

/** Spans that were closed, and those that were opened to somebody who had one before. */
function memberChangesOf(history: readonly HistoryEntry[]): number {
  const spans = history.filter((entry) => entry.entry === 'member');
  const people = new Set(spans.map(({ conversationId, uid }) => `${conversationId} ${uid}`));
  const closed = spans.filter(({ toSeq }) => toSeq !== undefined);
  return closed.length + spans.length - people.size;
}

function nameOf(request: Request): string {
  return 'clientMsgId' in request.body ? request.body.clientMsgId : '';
}
