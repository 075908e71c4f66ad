import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import { expect } from 'vitest';
import { textOf } from './chat-user.ts';
import type { Outcome, Place } from './send-path-steps.ts';

/**
 * Holds the whole log of a conversation against what became of all that was
 * written to it: no hole, nothing twice, repeats answered alike, nobody let in
 * who may not, the order of every submitter kept.
 */
export function checkLog(
  { messages, events }: { messages: readonly Message[]; events: readonly Event[] },
  place: Place,
  outcomes: readonly Outcome[],
  uids: readonly string[],
): void {
  const seqs = [...messages, ...events].map(({ seq }) => seq).sort((a, b) => a - b);
  expect(seqs).toEqual(seqs.map((_, i) => i + 1));
  const names = messages.map(({ senderUid, clientMsgId }) => `${senderUid} ${clientMsgId}`);
  expect(new Set(names).size).toBe(names.length);
  checkNames(uids, outcomes, new Map(messages.map((message) => [message.seq, message])));
  checkRefusals(place, outcomes);
  checkOrder(outcomes);
  checkPresentState(messages, events);
}

/** What a name stands for once it is taken. */
function requestOf({ write: each, target }: Outcome): string {
  return each.kind === 'send'
    ? `send ${each.text}`
    : `${each.kind} ${target} ${each.kind === 'edit' ? each.text : ''}`;
}

function checkNames(
  uids: readonly string[],
  outcomes: readonly Outcome[],
  bySeq: ReadonlyMap<number, Message>,
): void {
  const byName = Map.groupBy(outcomes, ({ write: each }) => `${each.by} ${each.clientMsgId}`);
  for (const uses of byName.values()) {
    const accepted = uses.filter(({ answer }) => answer);
    // A recall of what is recalled already changes nothing, so it takes no name.
    const taking = accepted.filter(({ write: each }) => each.kind !== 'recall');
    expect(new Set(taking.map(requestOf)).size).toBeLessThanOrEqual(1);
    expect(new Set(taking.map(({ answer }) => answer!.seq)).size).toBeLessThanOrEqual(1);
    for (const { write: each, answer } of taking) {
      const stored = bySeq.get(answer!.seq);
      expect(stored?.senderUid).toBe(uids[each.by]);
      if (each.kind === 'send') expect(stored?.clientMsgId).toBe(each.clientMsgId);
    }
    for (const use of uses) {
      if (use.reason !== 'MESSAGE_ID_REUSED') continue;
      expect(accepted.some((other) => requestOf(other) !== requestOf(use))).toBe(true);
    }
  }
}

/** Whoever may write is refused for one reason only: the name is taken. */
function checkRefusals(place: Place, outcomes: readonly Outcome[]): void {
  for (const { write: each, reason, member } of outcomes) {
    if (each.kind !== 'send') continue;
    const mayWrite = place !== 'group' || each.by !== 2 || member;
    if (mayWrite) expect([undefined, 'MESSAGE_ID_REUSED']).toContain(reason);
    // Answered only where it repeats what was sent as a member.
    else if (member === false) expect([undefined, 'MESSAGE_ID_REUSED', 'NOT_A_MEMBER']).toContain(reason);
  }
  if (place !== 'group') return;
  const outside = outcomes.filter(({ write: each, member }) => each.by === 2 && member === false);
  for (const { write: each, answer, step: number } of outside) {
    if (!answer || each.kind !== 'send') continue;
    const before = outcomes.some(
      (other) =>
        other.step < number &&
        other.write.by === 2 &&
        other.write.clientMsgId === each.clientMsgId &&
        other.answer?.seq === answer.seq,
    );
    expect(before).toBe(true);
  }
}

/** What one submitter sends one after another stands in that order, and later steps stand behind. */
function checkOrder(outcomes: readonly Outcome[]): void {
  const firstUse = new Map<string, Outcome>();
  const uses = new Map<string, number>();
  for (const outcome of outcomes) {
    const name = `${outcome.write.by} ${outcome.write.clientMsgId}`;
    if (!firstUse.has(name)) firstUse.set(name, outcome);
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  // Names used once, so that it is certain which submission stored them.
  const single = [...firstUse].flatMap(([name, outcome]) =>
    uses.get(name) === 1 && outcome.answer && outcome.write.kind === 'send' ? [outcome] : [],
  );
  const submitted = Map.groupBy(
    single.filter((outcome) => outcome.write.stream),
    ({ write: each, step: number }) => `${number} ${each.by} ${each.instance}`,
  );
  for (const own of submitted.values()) {
    const seqs = own.map(({ answer }) => answer!.seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  }
  for (const earlier of single) {
    for (const later of single) {
      if (earlier.step < later.step) expect(earlier.answer!.seq).toBeLessThan(later.answer!.seq);
    }
  }
}

function checkPresentState(messages: readonly Message[], events: readonly Event[]): void {
  for (const message of messages) {
    const changes = events.filter(
      ({ kind }) =>
        (kind.case === 'edited' || kind.case === 'recalled') && kind.value.targetSeq === message.seq,
    );
    const recalls = changes.filter(({ kind }) => kind.case === 'recalled');
    expect(recalls.length).toBeLessThanOrEqual(1);
    expect(message.recalledAt !== undefined).toBe(recalls.length === 1);
    if (recalls.length === 1) {
      expect(message.content).toBeUndefined();
      // Nothing is edited once it is recalled.
      expect(changes.at(-1)).toBe(recalls[0]);
      continue;
    }
    const last = changes.at(-1)?.kind;
    if (last?.case !== 'edited') continue;
    expect(last.value.content?.kind.value).toMatchObject({ text: textOf(message) });
  }
}
