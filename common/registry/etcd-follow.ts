import type { Etcd3, IEvent, IKeyValue } from 'etcd3';
import type { Logger } from '../telemetry/log.ts';
import { delay } from '../utils/wait.ts';
import type { EtcdKeys } from './etcd-keys.ts';
import { LEASE_SECONDS } from './etcd-lease.ts';
import { createInstanceList } from './instance-list.ts';
import { instancesOf } from './instances-of.ts';
import type { InstanceList } from './registry.ts';
import { watchRange } from './watch-range.ts';

/**
 * How often the range is read beside the watch, in milliseconds. A watch that
 * has gone silent looks like a quiet one, an etcd that came back empty keeps
 * a watch for a revision that will not come for weeks, and the read also tells
 * that etcd is there.
 */
const REREAD_MS = 3_000;
/** After a read that failed or a watch that broke; milliseconds. */
const RETRY_MS = 250;
/** Two reads missed. A lease may have expired for no other reason than that etcd was not there to renew it. */
const OUTAGE_MS = 2 * REREAD_MS;
/** How long instances may take to be back after that. */
const DOUBT_MS = LEASE_SECONDS * 1000;

export interface EtcdFollowOptions {
  etcd: Etcd3;
  keys: EtcdKeys;
  log: Logger;
  /** Milliseconds, monotonic. */
  clock: () => number;
  /** 3,000 if left out; a seam for tests. */
  rereadMs?: number | undefined;
}

export interface EtcdFollow {
  readonly list: InstanceList;
  /** When etcd last answered, on the clock given; undefined before it ever has. */
  readonly lastReadAt: () => number | undefined;
  close(): Promise<void>;
}

/**
 * Follows one service: reads its range, watches from the revision after, and
 * reads again every few seconds and whenever the watch ends.
 *
 * What etcd does not have any more is gone, with one exception: for 10 s after
 * etcd was away for longer than a few seconds or lost its data, what it does not
 * have may only not be back yet, so what was known before stays.
 */
export function followInEtcd(options: EtcdFollowOptions): EtcdFollow {
  const { etcd, keys, log, clock, rereadMs = REREAD_MS } = options;
  const list = createInstanceList();
  const ending = new AbortController();
  let entries = new Map<string, IKeyValue>();
  /** What `entries` is true for. */
  let revision = 0;
  let lastReadAt: number | undefined;
  let doubtUntil = Number.NEGATIVE_INFINITY;
  /** Known before the doubt began. */
  let remembered = new Map<string, IKeyValue>();
  let watch: ReturnType<typeof watchRange> | undefined;

  function show(): void {
    if (clock() >= doubtUntil) remembered = new Map();
    list.set(instancesOf(keys, new Map([...remembered, ...entries]).values()));
  }

  function doubt(): void {
    remembered = new Map([...remembered, ...entries]);
    doubtUntil = clock() + DOUBT_MS;
  }

  async function read(): Promise<void> {
    const before = revision;
    const { header, kvs } = await etcd.kv.range({
      key: Buffer.from(keys.rangeStart),
      range_end: Buffer.from(keys.rangeEnd),
    });
    const readRevision = Number(header.revision);
    const lostData = readRevision < before;
    if (lostData) {
      log.warn('etcd has lost its data; instances known before are kept until they had time to be back');
      stopWatch();
    }
    const now = clock();
    if (lostData || (lastReadAt !== undefined && now - lastReadAt > OUTAGE_MS)) doubt();
    lastReadAt = now;
    // The watch may have been quicker than this answer.
    if (lostData || readRevision >= revision) {
      revision = readRevision;
      entries = new Map(kvs.map((kv) => [kv.key.toString(), kv]));
    }
    show();
  }

  function applyEvents(events: readonly IEvent[]): void {
    let newest = revision;
    for (const { type, kv } of events) {
      const at = Number(kv.mod_revision);
      if (at <= revision) continue;
      newest = Math.max(newest, at);
      if (type === 'Delete') entries.delete(kv.key.toString());
      else entries.set(kv.key.toString(), kv);
    }
    revision = newest;
    show();
  }

  function stopWatch(): void {
    watch?.cancel();
    watch = undefined;
  }

  async function follow(): Promise<void> {
    let failing = false;
    while (!ending.signal.aborted) {
      try {
        await read();
        failing = false;
      } catch (error) {
        if (!failing && !ending.signal.aborted)
          log.warn({ err: error }, 'etcd cannot be read; what is known stays');
        failing = true;
      }
      if (failing) {
        stopWatch();
        await pause(RETRY_MS);
        continue;
      }
      watch ??= watchRange({
        etcd,
        start: keys.rangeStart,
        end: keys.rangeEnd,
        fromRevision: revision + 1,
        onEvents: applyEvents,
      });
      const broken = await Promise.race([watch.broken.then(() => true), pause(rereadMs)]);
      if (broken !== true) continue;
      stopWatch();
      await pause(RETRY_MS);
    }
    stopWatch();
  }

  function pause(ms: number): Promise<void> {
    return delay(ms, ending.signal).catch(() => {});
  }

  const following = follow();
  return {
    list,
    lastReadAt: () => lastReadAt,
    async close() {
      ending.abort();
      stopWatch();
      await following;
    },
  };
}
