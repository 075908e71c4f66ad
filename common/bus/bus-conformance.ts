import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type CommittedRecord, CommittedRecordSchema } from '../gen/im/bus/v1/record_pb.ts';
import type { TraceContext } from '../telemetry/traces.ts';
import type { Bus, BusFollower, BusSubscription } from './bus.ts';

/** What every implementation of Bus promises. `open` gives an empty one and how to let go of it. */
export function busConformance(
  name: string,
  open: () => Promise<{ bus: Bus; close(): Promise<void> }>,
): void {
  describe(`bus: ${name}`, () => {
    let bus: Bus;
    let close: () => Promise<void>;
    let subscriptions: BusSubscription[];

    beforeEach(async () => {
      subscriptions = [];
      ({ bus, close } = await open());
    });
    afterEach(async () => {
      for (const subscription of subscriptions) await subscription.close();
      await close();
    });

    async function follow(group: string, take: BusFollower['take']) {
      const subscription = await bus.subscribe(group, { take, lost() {} });
      subscriptions.push(subscription);
      return subscription;
    }
    /** Follows as a group and gives what it has got so far. */
    async function collect(group: string): Promise<string[]> {
      const got: string[] = [];
      await follow(group, async (records) => void got.push(...records.map(nameOf)));
      return got;
    }

    test('records of a conversation arrive in the order of publishing', async () => {
      const got = await collect('a');
      const names = Array.from({ length: 3_000 }, (_, i) => `g:1 ${i}`);
      for (let i = 0; i < names.length; i += 7) {
        await bus.publish(names.slice(i, i + 7).map(recordOf));
      }
      await eventually(() => expect(got).toEqual(names));
    });

    test('so do those whose publishing did not wait for the one before', async () => {
      const got = await collect('a');
      const names = Array.from({ length: 200 }, (_, i) => `g:1 ${i}`);
      await Promise.all(names.map((name) => bus.publish([recordOf(name)])));
      await eventually(() => expect(got).toEqual(names));
    });

    test('every group gets every record', async () => {
      const first = await collect('a');
      const second = await collect('b');
      await bus.publish(['g:1 1', 'g:2 1'].map(recordOf));
      await eventually(() => expect([first, second]).toEqual([first, first]));
      await eventually(() => expect([...first].sort()).toEqual(['g:1 1', 'g:2 1']));
    });

    test('members of one group share the records', async () => {
      const first = await collect('a');
      const second = await collect('a');
      await bus.publish(['g:1 1', 'g:1 2', 'g:2 1'].map(recordOf));
      await eventually(() => expect([...first, ...second].sort()).toEqual(['g:1 1', 'g:1 2', 'g:2 1']));
    });

    test('what is said of the traces of records travels beside them, and nothing where nothing is said', async () => {
      const got = new Map<string, TraceContext | undefined>();
      await follow('a', async (records, traces) => {
        for (const record of records) got.set(nameOf(record), traces?.get(record));
      });
      const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
      const [traced, beside] = [recordOf('g:1 1'), recordOf('g:1 2')];
      await bus.publish([traced, beside], new Map([[traced, trace]]));
      await bus.publish([recordOf('g:1 3')]);
      const expected = { 'g:1 1': trace, 'g:1 2': undefined, 'g:1 3': undefined };
      await eventually(() => expect(Object.fromEntries(got)).toEqual(expected));
    });

    test('a record looks to its consumer as it did when it was published', async () => {
      const record = recordOf('g:1 1');
      const got: CommittedRecord[] = [];
      await follow('a', async (records) => void got.push(...records));
      await bus.publish([record]);
      record.recipientUids.push('changed later');
      await eventually(() => expect(got).toEqual([recordOf('g:1 1')]));
    });

    test('the next batch comes only after the one before resolved', async () => {
      let running = 0;
      let most = 0;
      const got: string[] = [];
      const gate = Promise.withResolvers<void>();
      await follow('a', async (records) => {
        running += 1;
        most = Math.max(most, running);
        await gate.promise;
        got.push(...records.map(nameOf));
        running -= 1;
      });
      for (const name of ['g:1 1', 'g:1 2', 'g:1 3']) await bus.publish([recordOf(name)]);
      gate.resolve();
      await eventually(() => expect(got).toEqual(['g:1 1', 'g:1 2', 'g:1 3']));
      expect(most).toBe(1);
    });

    test('a handler that fails once goes on with what comes after', async () => {
      const got: string[] = [];
      let failed = false;
      await follow('a', async (records) => {
        if (!failed) {
          failed = true;
          throw new Error('for once');
        }
        got.push(...records.map(nameOf));
      });
      await bus.publish([recordOf('g:1 1')]);
      await eventually(() => expect(failed).toBe(true));
      await bus.publish([recordOf('g:1 2')]);
      await eventually(() => expect(got).toContain('g:1 2'));
    });

    test('close waits for the handler, and afterwards it is not called again', async () => {
      const gate = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      let calls = 0;
      const subscription = await follow('a', async () => {
        calls += 1;
        begun.resolve();
        await gate.promise;
      });
      await bus.publish([recordOf('g:1 1')]);
      await begun.promise;
      let closed = false;
      const closing = subscription.close().then(() => {
        closed = true;
      });
      await bus.publish([recordOf('g:1 2')]);
      expect(closed).toBe(false);
      gate.resolve();
      await closing;
      const callsAtClose = calls;
      await bus.publish([recordOf('g:1 3')]);
      expect(calls).toBe(callsAtClose);
    });

    test('after one member of a group closed the others get its records', async () => {
      const first = await follow('a', async () => {});
      const second = await collect('a');
      await first.close();
      await bus.publish([recordOf('g:1 1')]);
      await eventually(() => expect(second).toEqual(['g:1 1']));
    });

    test('a bus that is there says so', async () => {
      await bus.reachable();
    });

    test('publishing where nobody follows is taken', async () => {
      await bus.publish([recordOf('g:1 1')]);
      await bus.publish([]);
    });
  });
}

/** Long, because a busy machine is no fault. */
const eventually = <T>(assertions: () => T) => vi.waitFor(assertions, { timeout: 10_000, interval: 5 });

/** A record by a name of `<conversation> <change number>`. */
export function recordOf(name: string): CommittedRecord {
  const [conversationId, changeNo] = name.split(' ');
  return create(CommittedRecordSchema, { conversationId, changeNo: BigInt(changeNo!) });
}

export function nameOf({ conversationId, changeNo }: CommittedRecord): string {
  return `${conversationId} ${changeNo}`;
}
