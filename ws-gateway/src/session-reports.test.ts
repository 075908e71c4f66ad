import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { createLogger } from '@im/common/telemetry/log.ts';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createSessionReports, type SessionReports } from './session-reports.ts';
import { type SignedIn, startGateway, type TestGateway } from './testing/start-gateway.ts';

describe('with auth-service', () => {
  let gateway: TestGateway;
  afterEach(() => gateway.stop());

  async function listed(session: SignedIn) {
    const { uid, sessionId } = session;
    const speakFor = { kind: 'user', uid, sessionId } as const;
    const { sessions } = await gateway.process
      .client(AuthService, 'api-gateway')
      .listSessions({}, { speakFor });
    return sessions.find((one) => one.sessionId === sessionId)!;
  }

  test('a session is online while it has a socket, and was last seen when the last one went', async () => {
    gateway = await startGateway();
    const session = await gateway.signIn('1');
    const join = async () => {
      const socket = await gateway.connect();
      await socket.ask({ hello: { accessToken: session.accessToken } });
      return socket;
    };
    const [one, other] = [await join(), await join()];
    await vi.waitFor(async () => expect((await listed(session)).online).toBe(true), { timeout: 5_000 });
    one.ws.close();
    await one.closed;
    const goneAt = Date.now();
    other.ws.close();
    await vi.waitFor(async () => expect((await listed(session)).online).toBe(false), { timeout: 5_000 });
    expect(Date.parse((await listed(session)).lastSeenAt)).toBeGreaterThanOrEqual(goneAt - 1);
  });

  test('a gateway that stops takes its sessions offline at once', async () => {
    gateway = await startGateway();
    const { session } = await gateway.join('1');
    await vi.waitFor(async () => expect((await listed(session)).online).toBe(true), { timeout: 5_000 });
    await gateway.gateway.stop();
    expect((await listed(session)).online).toBe(false);
  });
});

describe('what is reported', () => {
  type Report = { online: string[]; offline: string[] };
  let reports: SessionReports;
  let at = 0;
  let isAway = false;
  let asked = 0;
  const online = new Set<string>();
  const got: Report[] = [];

  afterEach(() => reports.close());

  function start(): void {
    at = 0;
    isAway = false;
    asked = 0;
    online.clear();
    got.length = 0;
    vi.useFakeTimers();
    reports = createSessionReports({
      auth: {
        async reportSessions({ onlineSessionIds = [], offlineSessionIds = [] }) {
          asked += 1;
          if (isAway) throw new Error('away');
          got.push({ online: [...onlineSessionIds], offline: [...offlineSessionIds] });
          return { $typeName: 'im.auth.v1.ReportSessionsResponse' };
        },
      },
      bootId: 'boot',
      clock: () => at,
      log: createLogger({ level: 'silent' }),
      online: { has: (id) => online.has(id), keys: () => online.keys() },
    });
    reports.start();
  }

  function come(...ids: string[]): void {
    for (const id of ids) {
      online.add(id);
      reports.changed(id);
    }
  }

  function go(...ids: string[]): void {
    for (const id of ids) {
      online.delete(id);
      reports.changed(id);
    }
  }

  async function seconds(count: number): Promise<Report[]> {
    got.length = 0;
    for (let i = 0; i < count; i++) {
      at += 1_000;
      await vi.advanceTimersByTimeAsync(1_000);
    }
    return [...got];
  }

  afterEach(() => void vi.useRealTimers());

  test('changes are joined for a second; without any there is no call', async () => {
    start();
    come('a', 'b');
    go('b');
    expect(await seconds(1)).toEqual([{ online: ['a'], offline: ['b'] }]);
    expect(await seconds(5)).toEqual([]);
  });

  test('all that is online is said again each ten seconds', async () => {
    start();
    come('a', 'b');
    await seconds(1);
    expect(await seconds(20)).toEqual([
      { online: ['a', 'b'], offline: [] },
      { online: ['a', 'b'], offline: [] },
    ]);
  });

  test('what auth-service did not hear is said later; who went long ago is left to expire', async () => {
    start();
    come('a', 'b');
    await seconds(1);
    isAway = true;
    go('a');
    await seconds(6);
    come('c');
    go('b');
    await seconds(1);
    expect(asked).toBeGreaterThan(3);
    isAway = false;
    expect(await seconds(1)).toEqual([{ online: ['c'], offline: ['b'] }]);
  });

  test('many are said in parts', async () => {
    start();
    come(...Array.from({ length: 4_500 }, (_, i) => `s${i}`));
    expect((await seconds(1)).map((report) => report.online.length)).toEqual([2_000, 2_000, 500]);
  });
});
