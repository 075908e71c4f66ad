import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseAwayError } from './errors.ts';
import type { MysqlSession } from './mysql-session.ts';

export interface MysqlPoolOptions {
  open(): Promise<MysqlSession>;
  /** Sessions at most; they are opened when they are needed. */
  size: number;
  /** A session that nobody used for this long is closed: below the server's own wait_timeout. Milliseconds. */
  idleMs: number;
  /** How long somebody waits for a session at most, in milliseconds. */
  acquireTimeoutMs: number;
}

/** Sessions that are lent one after another, in the order they were asked for. */
export interface MysqlPool {
  readonly inUse: number;
  readonly waiting: number;
  /** Rejects with a DatabaseAwayError when none becomes free in time or none can be opened. */
  acquire(): Promise<MysqlSession>;
  /** Gives back what was acquired; a broken one is replaced when it is needed. */
  release(session: MysqlSession): void;
  /** Refuses what is asked for from now on, waits until all are given back, and closes them. */
  close(): Promise<void>;
}

interface Waiter {
  readonly resolve: (session: MysqlSession) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** How often it is looked whether sessions have been idle for too long, as a part of that time. */
const LOOK = 0.25;
/** Milliseconds a close waits for sessions that are still used; then they are cut off. */
const CLOSE_MS = 10_000;

export function createMysqlPool({ open, size, idleMs, acquireTimeoutMs }: MysqlPoolOptions): MysqlPool {
  /** The most recently used last: it is lent first, so that a quiet time lets the others go. */
  const idle: { readonly session: MysqlSession; readonly since: number }[] = [];
  const lent = new Set<MysqlSession>();
  let line: Waiter[] = [];
  /** Being opened, idle or lent. */
  let sessions = 0;
  let closed = false;
  let emptied: (() => void) | undefined;

  const look = setInterval(closeIdle, idleMs * LOOK).unref();

  function closeIdle(): void {
    while (idle[0] !== undefined && stale(idle[0])) drop(idle.shift()!.session);
  }

  function stale({ session, since }: { session: MysqlSession; since: number }): boolean {
    return session.broken || performance.now() - since > idleMs;
  }

  function drop(session: MysqlSession): void {
    sessions -= 1;
    if (!session.broken) session.end();
    if (sessions === 0) emptied?.();
  }

  /** Serves the first in the line with whatever there is, or opens what may be opened. */
  function serve(): void {
    while (line.length > 0) {
      const next = idle.pop();
      if (next !== undefined) {
        // Also here, since a process that was stopped has missed its timers.
        if (stale(next)) drop(next.session);
        else lend(line.shift()!, next.session);
      } else if (sessions < size) {
        sessions += 1;
        void openFor(line.shift()!);
      } else return;
    }
  }

  function lend({ resolve, timer }: Waiter, session: MysqlSession): void {
    clearTimeout(timer);
    lent.add(session);
    resolve(session);
  }

  async function openFor(waiter: Waiter): Promise<void> {
    try {
      lend(waiter, await open());
    } catch (error) {
      clearTimeout(waiter.timer);
      waiter.reject(error);
      sessions -= 1;
      if (sessions === 0) emptied?.();
      serve();
    }
  }

  return {
    get inUse() {
      return lent.size;
    },
    get waiting() {
      return line.length;
    },
    acquire() {
      if (closed) return Promise.reject(new Error('the database is closed'));
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          // One whose session is being opened is not in the line any more, and has a deadline of its own.
          if (!line.includes(waiter)) return;
          line = line.filter((each) => each !== waiter);
          reject(
            new DatabaseAwayError('DATABASE_BUSY', `no connection became free within ${acquireTimeoutMs} ms`),
          );
        }, acquireTimeoutMs);
        const waiter: Waiter = { resolve, reject, timer };
        line.push(waiter);
        serve();
      });
    },
    release(session) {
      lent.delete(session);
      if (session.broken) drop(session);
      else idle.push({ session, since: performance.now() });
      serve();
      if (closed) for (const { session: rest } of idle.splice(0)) drop(rest);
    },
    async close() {
      if (closed) return;
      closed = true;
      clearInterval(look);
      for (const { session } of idle.splice(0)) drop(session);
      if (sessions === 0) return;
      const cut = new AbortController();
      const late = sleep(CLOSE_MS, undefined, { signal: cut.signal }).then(
        () => {
          for (const session of lent) session.destroy();
        },
        () => {},
      );
      await Promise.race([new Promise<void>((resolve) => (emptied = resolve)), late]);
      cut.abort();
    },
  };
}
