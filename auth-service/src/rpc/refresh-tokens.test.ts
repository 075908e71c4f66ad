import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AuthProcess, DAY_MS, MINUTE_MS, reasonOf, startAuthProcess } from '../testing/auth-process.ts';

let auth: AuthProcess;
beforeEach(async () => {
  auth = await startAuthProcess();
});
afterEach(() => auth.process.stop());

test('each use gives the next refresh token and an access token of the same session', async () => {
  const { tokens, session, as } = await auth.login('1', 'phone');
  auth.clock.at += MINUTE_MS;
  const second = await auth.refresh(tokens.refreshToken, { clientAddress: '10.0.0.9' });
  expect(second.refreshToken).not.toBe(tokens.refreshToken);
  expect(claimsOf(second.accessToken)).toMatchObject({ sub: '1', sid: session.sessionId });
  expect(Date.parse(second.refreshTokenExpiresAt)).toBe(auth.clock.at + 30 * DAY_MS);
  expect(Date.parse(second.accessTokenExpiresAt)).toBe(
    Math.floor(auth.clock.at / 1_000) * 1_000 + 15 * MINUTE_MS,
  );
  const third = await auth.refresh(second.refreshToken);
  expect(third.refreshToken).not.toBe(second.refreshToken);

  const { sessions } = await auth.gateway.listSessions({}, as);
  expect(sessions).toMatchObject([
    { lastSeenAt: new Date(auth.clock.at).toISOString(), createdAt: session.createdAt, address: '10.0.0.9' },
  ]);
});

test('a lost answer: the token before the newest gives the same successor again for a minute', async () => {
  const { tokens } = await auth.login('1', 'phone');
  const lost = await auth.refresh(tokens.refreshToken);
  auth.clock.at += MINUTE_MS;
  const again = await auth.refresh(tokens.refreshToken);
  expect(again.refreshToken).toBe(lost.refreshToken);
  expect(again.refreshTokenExpiresAt).toBe(lost.refreshTokenExpiresAt);
  expect(claimsOf(again.accessToken).exp).toBeGreaterThan(claimsOf(lost.accessToken).exp);
  expect(await reasonOf(auth.refresh(again.refreshToken))).toBe('accepted');
});

test('refreshes with one token at once give one successor', async () => {
  const { tokens, as } = await auth.login('1', 'phone');
  const answers = await Promise.all(Array.from({ length: 20 }, () => auth.refresh(tokens.refreshToken)));
  expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1);
  expect(await auth.sessionIds(as)).toHaveLength(1);
});

test('the token before the newest ends the session after the minute', async () => {
  const { tokens } = await auth.login('1', 'phone');
  const { refreshToken } = await auth.refresh(tokens.refreshToken);
  auth.clock.at += MINUTE_MS + 1;
  expect(await reasonOf(auth.refresh(tokens.refreshToken))).toBe('SESSION_REVOKED');
  expect(await reasonOf(auth.refresh(refreshToken))).toBe('SESSION_REVOKED');
});

test('the token before the newest is too old as soon as the newest was used', async () => {
  const { tokens, session, as } = await auth.login('1', 'phone');
  const second = await auth.refresh(tokens.refreshToken);
  const third = await auth.refresh(second.refreshToken);
  expect(await reasonOf(auth.refresh(tokens.refreshToken))).toBe('SESSION_REVOKED');
  for (const { refreshToken } of [tokens, second, third]) {
    expect(await reasonOf(auth.refresh(refreshToken))).toBe('SESSION_REVOKED');
  }
  expect(await auth.sessionIds(as)).toEqual([]);
  expect((await auth.gateway.listRevoked({})).revoked).toMatchObject([
    { sessionId: session.sessionId, uid: '1', reason: SignOutReason_Value.TOKEN_REUSED },
  ]);
});

test('another session of the user is not touched by a reuse', async () => {
  const phone = await auth.login('1', 'phone');
  const tablet = await auth.login('1', 'tablet');
  const { refreshToken } = await auth.refresh(phone.tokens.refreshToken);
  await auth.refresh(refreshToken);
  expect(await reasonOf(auth.refresh(phone.tokens.refreshToken))).toBe('SESSION_REVOKED');
  expect(await reasonOf(auth.refresh(tablet.tokens.refreshToken))).toBe('accepted');
});

test('what is not one of ours is invalid and ends nothing', async () => {
  const { tokens } = await auth.login('1', 'phone');
  const second = await auth.refresh(tokens.refreshToken);
  const third = await auth.refresh(second.refreshToken);
  const [sessionId, , mac] = third.refreshToken.split('.') as [string, string, string];
  const forged = [
    'x',
    '..',
    `${sessionId}.1`,
    `${sessionId}.1.${mac}`,
    `${sessionId}.2.${mac}`,
    `${sessionId}.4.${mac}`,
    `${sessionId}.03.${mac}`,
    `${sessionId}.3.${mac.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`,
    `${third.refreshToken}x`,
    `unknown.3.${mac}`,
    tokens.accessToken,
  ];
  for (const token of forged) expect(await reasonOf(auth.refresh(token)), token).toBe('TOKEN_INVALID');
  expect(await reasonOf(auth.refresh(third.refreshToken))).toBe('accepted');
});

test('a refresh token expires 30 days after it was made, counted anew by each use', async () => {
  const { tokens } = await auth.login('1', 'phone');
  auth.clock.at += 30 * DAY_MS - 1;
  const second = await auth.refresh(tokens.refreshToken);
  auth.clock.at += 30 * DAY_MS - 1;
  const third = await auth.refresh(second.refreshToken);
  auth.clock.at += 30 * DAY_MS;
  expect(await reasonOf(auth.refresh(third.refreshToken))).toBe('TOKEN_EXPIRED');
  expect((await auth.gateway.listRevoked({})).revoked).toEqual([]);
});

test('a session that has ended refreshes no more', async () => {
  const { tokens, as } = await auth.login('1', 'phone');
  await auth.gateway.logout({}, as);
  expect(await reasonOf(auth.refresh(tokens.refreshToken))).toBe('SESSION_REVOKED');
});

test('refresh tokens outlive a restart, also one without a configured secret', async () => {
  const { tokens } = await auth.login('1', 'phone');
  await auth.process.restart();
  expect(await reasonOf(auth.refresh(tokens.refreshToken))).toBe('accepted');
});

test('settings give the lifetimes and the grace', async () => {
  const strict = await startAuthProcess({
    accessTokenSeconds: 60,
    refreshTokenDays: 1,
    refreshGraceSeconds: 0,
  });
  try {
    const { tokens } = await strict.login('1', 'phone');
    expect(Date.parse(tokens.refreshTokenExpiresAt)).toBe(strict.clock.at + DAY_MS);
    const { exp, iat } = claimsOf(tokens.accessToken);
    expect(exp - iat).toBe(60);
    await strict.refresh(tokens.refreshToken);
    strict.clock.at += 1;
    expect(await reasonOf(strict.refresh(tokens.refreshToken))).toBe('SESSION_REVOKED');
  } finally {
    await strict.process.stop();
  }
});

function claimsOf(accessToken: string): { sub: string; sid: string; iat: number; exp: number } {
  return JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString());
}
