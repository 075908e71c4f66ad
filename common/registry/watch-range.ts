import type { Etcd3, IEvent } from 'etcd3';

export interface RangeWatch {
  /** Resolves when nothing more will come, for whatever reason: read again and watch anew. */
  readonly broken: Promise<void>;
  cancel(): void;
}

/**
 * Watches a range of keys on a stream of its own. Not etcd3's Watcher: that comes
 * back by itself after an outage and asks on for the revision it had, which
 * has been compacted or, in an etcd that lost its data, is far in the future.
 */
export function watchRange(options: {
  etcd: Etcd3;
  start: string;
  /** The first key that does not belong to the range. */
  end: string;
  fromRevision: number;
  onEvents: (events: readonly IEvent[]) => void;
}): RangeWatch {
  const broken = Promise.withResolvers<void>();
  let cancelled = false;
  let cancelStream = () => {};

  async function open(): Promise<void> {
    const stream = await options.etcd.watchClient.watch();
    stream.on('error', () => broken.resolve());
    stream.on('end', () => broken.resolve());
    if (cancelled) return stream.cancel();
    cancelStream = () => stream.cancel();
    stream.on('data', ({ canceled, events }) => {
      if (cancelled) return;
      if (events.length > 0) options.onEvents(events);
      if (canceled) broken.resolve();
    });
    stream.write({
      create_request: {
        key: Buffer.from(options.start),
        range_end: Buffer.from(options.end),
        start_revision: options.fromRevision,
      },
    });
  }
  open().catch(() => broken.resolve());

  return {
    broken: broken.promise,
    cancel() {
      cancelled = true;
      cancelStream();
    },
  };
}
