import { eventually } from '@im/common/testing/eventually.ts';
import { expect, test } from 'vitest';
import { MINUTE_MS, startAuthProcess } from '../testing/auth-process.ts';

test('revocations older than 20 minutes are cleared away by themselves, younger ones are not', async () => {
  const auth = await startAuthProcess({ sweepSeconds: 0.01 });
  try {
    const phone = await auth.login('1', 'phone');
    const web = await auth.login('1', 'browser');
    await auth.gateway.logout({}, phone.as);
    auth.clock.at += 1;
    await auth.gateway.logout({}, web.as);
    auth.clock.at += 20 * MINUTE_MS - 1;
    await eventually(async () => {
      const { revoked } = await auth.gateway.listRevoked({});
      expect(revoked.map((entry) => entry.sessionId)).toEqual([web.session.sessionId]);
    });
  } finally {
    await auth.process.stop();
  }
});
