import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { createAccessTokenVerifier } from '@im/common/identity/access-token-verifier.ts';
import { createAuthenticate } from '@im/common/identity/authenticate.ts';
import { startSessionLiveness } from '@im/common/identity/session-liveness.ts';
import { createLogger } from '@im/common/telemetry/log.ts';
import { createMetrics } from '@im/common/telemetry/metrics.ts';
import { eventually } from '@im/common/testing/eventually.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AuthProcess, MINUTE_MS, reasonOf, START, startAuthProcess } from './testing/auth-process.ts';

const POLL_MS = 10;

let auth: AuthProcess;
let gate: ReturnType<typeof openGate>;
beforeEach(async () => {
  auth = await startAuthProcess();
  gate = openGate();
  await gate.liveness.ready;
});
afterEach(async () => {
  await gate.liveness.close();
  await auth.process.stop();
});

test('a gateway knows the holder of an access token from the first second of the store on', async () => {
  const { tokens, session } = await auth.login('1', 'phone');
  const issuedAt = Math.ceil(START / 1_000) * 1_000;
  expect(await gate.authenticate(tokens.accessToken)).toEqual({
    uid: '1',
    sessionId: session.sessionId,
    platform: Platform_Value.WEB,
    issuedAt,
    expiresAt: issuedAt + 15 * MINUTE_MS,
  });
});

test('a session that ends is out at once, the others stay', async () => {
  const phone = await auth.login('1', 'phone');
  const web = await auth.login('1', 'browser');
  expect(await reasonOf(gate.authenticate(phone.tokens.accessToken))).toBe('accepted');
  await auth.gateway.logout({}, phone.as);
  await eventually(async () => {
    expect(await reasonOf(gate.authenticate(phone.tokens.accessToken))).toBe('SESSION_REVOKED');
  });
  expect(await reasonOf(gate.authenticate(web.tokens.accessToken))).toBe('accepted');
  expect(gate.ended).toEqual([phone.session.sessionId]);
});

test('a gateway that starts later knows what ended before', async () => {
  const phone = await auth.login('1', 'phone');
  await auth.gateway.logout({}, phone.as);
  const later = openGate();
  try {
    await later.liveness.ready;
    expect(await reasonOf(later.authenticate(phone.tokens.accessToken))).toBe('SESSION_REVOKED');
  } finally {
    await later.liveness.close();
  }
});

test('over a restart of auth-service nothing that ended comes back, and what ends after is learnt', async () => {
  const phone = await auth.login('1', 'phone');
  const web = await auth.login('1', 'browser');
  await auth.gateway.logout({}, phone.as);
  await eventually(() => expect(gate.ended).toHaveLength(1));
  const restarted = auth.process.restart();
  expect(await reasonOf(gate.authenticate(phone.tokens.accessToken))).not.toBe('accepted');
  await restarted;
  await auth.gateway.logout({}, web.as);
  await eventually(() => expect(gate.ended).toEqual([phone.session.sessionId, web.session.sessionId]));
});

/** What both gateways put before everything that a user asks for. */
function openGate() {
  const client = auth.process.client(AuthService, 'ws-gateway');
  const log = createLogger({ level: 'silent' });
  const now = () => auth.clock.at;
  const ended: string[] = [];
  const liveness = startSessionLiveness({
    auth: client,
    now,
    log,
    metrics: createMetrics(),
    intervalMs: POLL_MS,
    onRevoked: ({ sessionId }) => ended.push(sessionId),
  });
  const verifier = createAccessTokenVerifier({ auth: client, now, log });
  return { liveness, ended, authenticate: createAuthenticate({ verifier, liveness }) };
}
