import { create } from '@bufbuild/protobuf';
import {
  ListAudienceResponseSchema,
  ListLargeGroupsResponseSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import { type GroupEvent, GroupEventSchema } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import { createLogger } from '@im/common/telemetry/log.ts';
import { checkWithin } from '@im/common/testing/check-within.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLargeGroups } from './large-groups.ts';

/**
 * People come and go, in groups and on this gateway, while answers of
 * chat-service and records take their time and pass one another: who was
 * welcomed is shown every event that is theirs, and nobody any that is not.
 */

const UIDS = ['1', '2', '3'] as const;
const GROUPS = ['g:1', 'g:2'] as const;
const log = createLogger({ level: 'silent' });

interface Span {
  fromSeq: number;
  toSeq?: number;
  openedAt: number;
  closedAt?: number;
}

/** A group as chat-service has it. */
class Truth {
  headSeq = 0;
  audienceNo = 0;
  readonly spans = new Map<string, Span[]>();
  readonly cleared = new Map<string, { seq: number; changeNo: number }>();
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
  isMember(uid: string): boolean {
    return this.spans.get(uid)?.at(-1)?.toSeq === undefined && this.spans.has(uid);
  }
  /** As of a change: who joins later is not pushed what was before. */
  covers(uid: string, seq: number, asOf = Number.POSITIVE_INFINITY): boolean {
    const spans = (this.spans.get(uid) ?? []).filter(({ openedAt }) => openedAt <= asOf);
    return spans.some(({ fromSeq, toSeq }) => seq >= fromSeq && (toSeq === undefined || seq <= toSeq));
  }
  sight(uid: string) {
    const spans = this.spans.get(uid)!.map(({ fromSeq, toSeq }) => ({ fromSeq, toSeq }));
    return { uid, spans, clearedSeq: this.cleared.get(uid)?.seq ?? 0 };
  }
  changedSince(uid: string, sinceNo: number): boolean {
    const moved = this.spans
      .get(uid)!
      .some(({ openedAt, closedAt }) => openedAt > sinceNo || (closedAt ?? 0) > sinceNo);
    return moved || (this.cleared.get(uid)?.changeNo ?? 0) > sinceNo;
  }
}

const uid = fc.constantFrom(...UIDS);
const group = fc.constantFrom(0, 0, 0, 1);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('comes' as const), uid }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('goes' as const), uid }) },
  { weight: 7, arbitrary: fc.record({ what: fc.constant('joins' as const), uid, group, all: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ what: fc.constant('leaves' as const), uid, group }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('clears' as const), uid, group }) },
  { weight: 10, arbitrary: fc.record({ what: fc.constant('is said' as const), group, target: fc.nat(5) }) },
  { weight: 14, arbitrary: fc.record({ what: fc.constant('is delivered' as const), group }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('is delivered again' as const), group, at: fc.nat() }),
  },
  { weight: 20, arbitrary: fc.record({ what: fc.constant('passes' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('is lost' as const), group }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('fails' as const) }) },
);

test('who was welcomed is shown every event that is theirs, and nobody any that is not', async () => {
  await checkWithin(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }),
      async (s, steps) => {
        let changeNo = 0;
        let failing = false;
        let losses = 0;
        const truths = GROUPS.map((id) => new Truth(id));
        const records = GROUPS.map(() => [] as GroupEvent[]);
        const delivered = GROUPS.map(() => [] as GroupEvent[]);
        const here = new Set<string>();
        const visits = new Map<string, symbol>();
        /** Of those here who were welcomed: which of their visits it is, and what their first sync brings of each group. */
        const welcomed = new Map<string, { visit: symbol; synced: number[] }>();
        /** What must be shown before the end, unless the visit or the index ends. */
        const owed: { uid: string; visit: symbol; event: GroupEvent; lossesThen: number }[] = [];
        const shown = new Set<string>();
        /** What the index was pushed, by its event. */
        const pushed = new Map<Event, { targetSeq: number; isAgain: boolean }>();
        /** The last event that somebody saw of a group, but for those that were delivered again. */
        const last = new Map<string, number>();

        /** The answer is read at one time and comes at a later one. */
        const answer = async <T>(label: string, read: () => T): Promise<T> => {
          await s.schedule(Promise.resolve(), label);
          if (failing) throw new Error('away');
          const value = read();
          return s.schedule(Promise.resolve(value), `${label} answered`);
        };
        const index = createLargeGroups({
          chat: {
            listLargeGroups: ({ uid = '' }) =>
              answer(`groups of ${uid}`, () =>
                create(ListLargeGroupsResponseSchema, {
                  epoch: 'e',
                  groups: truths
                    .filter((truth) => truth.isMember(uid))
                    .map((truth) => ({
                      conversationId: truth.id,
                      audienceNo: BigInt(truth.audienceNo),
                      sight: truth.sight(uid),
                    })),
                }),
              ),
            listAudience: ({ conversationId, sinceNo = 0n, afterUid = '' }) =>
              answer(`audience of ${conversationId}`, () => {
                const truth = truths.find(({ id }) => id === conversationId)!;
                const all = [...truth.spans.keys()]
                  .filter((each) => truth.changedSince(each, Number(sinceNo)) && each > afterUid)
                  .toSorted();
                const page = all.slice(0, 2);
                return create(ListAudienceResponseSchema, {
                  epoch: 'e',
                  audienceNo: BigInt(truth.audienceNo),
                  sights: page.map((each) => truth.sight(each)),
                  nextUid: page.length < all.length ? page.at(-1)! : '',
                });
              }),
          },
          isHere: (each) => here.has(each),
          showing: (event) => (each, withContent) => {
            const { conversationId, seq } = event;
            const truth = truths.find(({ id }) => id === conversationId)!;
            const { targetSeq, isAgain } = pushed.get(event)!;
            expect(here).toContain(each);
            expect(truth.covers(each, seq)).toBe(true);
            if (targetSeq !== 0 && withContent) expect(truth.covers(each, targetSeq)).toBe(true);
            shown.add(`${each} ${conversationId} ${seq}`);
            if (isAgain) return;
            expect(seq).toBeGreaterThan(last.get(`${each} ${conversationId}`) ?? 0);
            last.set(`${each} ${conversationId}`, seq);
          },
          onLoss: () => {
            losses += 1;
          },
          onRead() {},
          log,
        });

        function commit(truth: Truth, targetSeq = 0): void {
          truth.headSeq += 1;
          records[truths.indexOf(truth)]!.push(
            create(GroupEventSchema, {
              epoch: 'e',
              audienceNo: BigInt(truth.audienceNo),
              targetSeq,
              event: { conversationId: truth.id, seq: truth.headSeq },
            }),
          );
        }

        function deliver(event: GroupEvent): void {
          const truth = truths.find(({ id }) => id === event.event!.conversationId)!;
          const { seq } = event.event!;
          for (const [each, { visit, synced }] of welcomed) {
            const isTheirs = truth.covers(each, seq, Number(event.audienceNo));
            if (isTheirs && seq > synced[truths.indexOf(truth)]!) {
              owed.push({ uid: each, visit, event, lossesThen: losses });
            }
          }
          push(event, pushed.get(event.event!)?.isAgain === true);
        }

        function push(event: GroupEvent, isAgain: boolean): void {
          pushed.set(event.event!, { targetSeq: event.targetSeq, isAgain });
          index.push(event);
        }

        for (const each of steps) {
          failing = each.what === 'fails';
          if (each.what === 'comes' && !here.has(each.uid)) {
            here.add(each.uid);
            const visit = Symbol();
            const visitor = each.uid;
            visits.set(visitor, visit);
            index.enter(visitor).then(
              () => {
                const synced = truths.map(({ headSeq }) => headSeq);
                if (visits.get(visitor) === visit) welcomed.set(visitor, { visit, synced });
              },
              () => {
                if (visits.get(visitor) === visit) leave(visitor);
              },
            );
          } else if (each.what === 'goes' && here.has(each.uid)) leave(each.uid);
          else if (each.what === 'joins') {
            const truth = truths[each.group]!;
            if (truth.isMember(each.uid)) continue;
            changeNo += 1;
            truth.audienceNo = changeNo;
            const spans = truth.spans.get(each.uid) ?? [];
            spans.push({ fromSeq: each.all ? 1 : truth.headSeq + 1, openedAt: changeNo });
            truth.spans.set(each.uid, spans);
            commit(truth);
          } else if (each.what === 'leaves') {
            const truth = truths[each.group]!;
            if (!truth.isMember(each.uid)) continue;
            changeNo += 1;
            truth.audienceNo = changeNo;
            Object.assign(truth.spans.get(each.uid)!.at(-1)!, {
              toSeq: truth.headSeq + 1,
              closedAt: changeNo,
            });
            commit(truth);
          } else if (each.what === 'clears') {
            const truth = truths[each.group]!;
            if (!truth.isMember(each.uid)) continue;
            changeNo += 1;
            truth.audienceNo = changeNo;
            truth.cleared.set(each.uid, { seq: truth.headSeq, changeNo });
          } else if (each.what === 'is said') {
            const truth = truths[each.group]!;
            if (truth.audienceNo === 0) continue;
            changeNo += 1;
            commit(truth, Math.min(each.target, truth.headSeq));
          } else if (each.what === 'is delivered') {
            const event = records[each.group]!.shift();
            if (event === undefined) continue;
            delivered[each.group]!.push(event);
            deliver(event);
          } else if (each.what === 'is delivered again') {
            const before = delivered[each.group]!;
            if (before.length === 0) continue;
            const event = before[each.at % before.length]!;
            push(event, true);
          } else if (each.what === 'is lost') {
            // As a gap in the numbers shows it: the index begins anew and everybody is told to sync.
            records[each.group]!.shift();
            index.clear();
            losses += 1;
          } else if ((each.what === 'passes' || each.what === 'fails') && s.count() > 0) await s.waitOne();
        }
        failing = false;
        for (const [at, left] of records.entries()) {
          for (const event of left.splice(0)) {
            delivered[at]!.push(event);
            deliver(event);
          }
        }
        await s.waitIdle();
        for (const { uid: each, visit, event, lossesThen } of owed) {
          // What was lost is fetched by a sync.
          if (visits.get(each) !== visit || losses > lossesThen) continue;
          expect(shown).toContain(`${each} ${event.event!.conversationId} ${event.event!.seq}`);
        }

        function leave(each: string): void {
          here.delete(each);
          welcomed.delete(each);
          visits.delete(each);
          index.leave(each);
        }
      },
    ),
    { runs: 3_000, timeMs: 10_000 },
  );
}, 60_000);
