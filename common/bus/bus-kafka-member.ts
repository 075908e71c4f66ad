import {
  Consumer,
  type GroupPartitionsAssigner,
  ListOffsetTimestamps,
  roundRobinAssigner,
} from '@platformatic/kafka';
import { delay } from '../utils/wait.ts';
import { clientOptions, type KafkaBusOptions } from './bus-kafka-options.ts';
import { letGo, needsRejoin } from './kafka-errors.ts';

/** A member that is not heard of for this long loses its partitions to others: the shortest that brokers allow by default. Milliseconds. */
const SESSION_MS = 6_000;
/** Also how long a member may not know that the partitions are being shared out anew. Milliseconds. */
const HEARTBEAT_MS = 1_000;
/** While partitions are shared out a broker holds its answer until all members have asked, or their sessions have ended. Milliseconds. */
const JOIN_ANSWERS_WITHIN_MS = SESSION_MS + 2_000;
/** While many come or go at once, joining begins again each time. */
const JOIN_TRIES = 20;
const JOIN_AGAIN_MS = 100;

/** What a member holds from one sharing out of the partitions to the next. */
export interface Share {
  readonly memberId: string;
  /** Counts the times that partitions were shared out. */
  readonly generation: number;
  readonly partitions: readonly number[];
  /** Aborts when the partitions are shared out anew, or the member cannot go on. */
  readonly over: AbortSignal;
}

/** Where the partitions of a share are read from, by partition. */
export interface Offsets {
  readonly committed: ReadonlyMap<number, bigint>;
  readonly earliest: ReadonlyMap<number, bigint>;
  readonly latest: ReadonlyMap<number, bigint>;
}

/** This process as a member of a consumer group. */
export interface KafkaMember {
  /** Joins, or joins again so that the partitions are shared out anew. Rejects when that does not succeed: then another member is to be opened. */
  join(): Promise<void>;
  /** Undefined before the first join. */
  share(): Share | undefined;
  /** Why it cannot go on; undefined while it can. */
  failure(): Error | undefined;
  /** Whether it was to share out partitions and did so for another number of them. */
  sharedOutOtherThan(partitions: number): boolean;
  offsets(partitions: readonly number[]): Promise<Offsets>;
  /** Rejects without trying again: who has lost its partitions must not write where it was. */
  commit(offsets: readonly (readonly [partition: number, next: bigint])[]): Promise<void>;
  /** Leaves the group. Never rejects. */
  close(): Promise<void>;
}

export function openKafkaMember(options: KafkaBusOptions, topic: string, group: string): KafkaMember {
  let share: Share | undefined;
  let over = new AbortController();
  let failure: Error | undefined;
  let closed = false;
  /** How many partitions this member, as the group's leader, has shared out; undefined while another is the leader. */
  let sharedOut: number | undefined;
  let sharingOut: number | undefined;

  const assign: GroupPartitionsAssigner = (current, members, topics, metadata) => {
    sharingOut = metadata.topics.get(topic)?.partitionsCount;
    return roundRobinAssigner(current, members, topics, metadata);
  };
  const client = new Consumer({
    ...clientOptions(options),
    requestTimeout: JOIN_ANSWERS_WITHIN_MS,
    groupId: `${topic}.${group}`,
    // The older of Kafka's two protocols, which every broker speaks.
    groupProtocol: 'classic',
    sessionTimeout: SESSION_MS,
    rebalanceTimeout: SESSION_MS,
    heartbeatInterval: HEARTBEAT_MS,
    heartbeatStallTimeout: SESSION_MS,
    partitionAssigner: assign,
    autocommit: false,
    isolationLevel: 0,
  });
  client.topics.track(topic);

  client.on('consumer:group:join', ({ generationId, assignments, isLeader, memberId }) => {
    const partitions = (assignments ?? []).find((each) => each.topic === topic)?.partitions ?? [];
    // Where there is nobody to share with the library does not ask how.
    sharedOut = isLeader ? (sharingOut ?? partitions.length) : undefined;
    sharingOut = undefined;
    over.abort();
    over = new AbortController();
    share = { memberId, generation: generationId ?? 0, partitions: [...partitions], over: over.signal };
  });
  client.on('consumer:heartbeat:stalled', () => fail(new Error('the group does not answer heartbeats')));
  // The library has noticed that it must join again, tried once, and beats no more.
  client.on('error', () => void join().catch(fail));

  function fail(error: Error): void {
    if (closed) return;
    failure ??= error;
    over.abort();
  }

  async function join(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        // The leader shares out what the topic has now.
        client.clearMetadata();
        await client.joinGroup({});
        return;
      } catch (error) {
        if (closed || tries === JOIN_TRIES || !needsRejoin(error)) throw error;
        await delay(JOIN_AGAIN_MS);
      }
    }
  }

  async function listed(partitions: readonly number[], timestamp: bigint): Promise<Map<number, bigint>> {
    const all = await client.listOffsets({
      topics: [topic],
      partitions: { [topic]: [...partitions] },
      timestamp,
    });
    const offsets = all.get(topic) ?? [];
    return new Map(partitions.map((partition) => [partition, offsets[partition]!]));
  }

  return {
    join,
    share: () => share,
    failure: () => failure,
    sharedOutOtherThan: (partitions) => sharedOut !== undefined && sharedOut !== partitions,
    async offsets(partitions) {
      if (partitions.length === 0) return { committed: new Map(), earliest: new Map(), latest: new Map() };
      // What is remembered of a topic that was made again would be refused.
      client.clearMetadata();
      const all = await client.listCommittedOffsets({ topics: [{ topic, partitions: [...partitions] }] });
      const committed = all.get(topic) ?? [];
      return {
        committed: new Map(
          partitions.flatMap((partition) => {
            const offset = committed[partition];
            return offset === undefined || offset < 0n ? [] : [[partition, offset] as const];
          }),
        ),
        earliest: await listed(partitions, ListOffsetTimestamps.EARLIEST),
        latest: await listed(partitions, ListOffsetTimestamps.LATEST),
      };
    },
    commit: (offsets) =>
      client.commit({
        offsets: offsets.map(([partition, offset]) => ({ topic, partition, offset, leaderEpoch: -1 })),
      }),
    async close() {
      closed = true;
      over.abort();
      await letGo(client);
    },
  };
}
