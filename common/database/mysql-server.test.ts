import { expect, test } from 'vitest';
import { type MysqlServer, whyUnfit } from './mysql-server.ts';

const fit: MysqlServer = { version: '8.4.0', flush_log: 1, log_bin: 1, sync_binlog: 1, max_packet: 64 << 20 };

test('a server that keeps what a COMMIT promises may be used, with or without a binlog', () => {
  expect(whyUnfit(fit)).toBeUndefined();
  expect(whyUnfit({ ...fit, log_bin: 0, sync_binlog: 0 })).toBeUndefined();
});

test('one that may lose what was acknowledged is refused by the name of the setting', () => {
  for (const flush_log of [0, 2]) {
    expect(whyUnfit({ ...fit, flush_log })).toContain(`innodb_flush_log_at_trx_commit=${flush_log}`);
  }
  for (const sync_binlog of [0, 100]) {
    expect(whyUnfit({ ...fit, sync_binlog })).toContain(`sync_binlog=${sync_binlog}`);
  }
  expect(whyUnfit({ ...fit, max_packet: 1 << 20 })).toContain('max_allowed_packet');
});

test('older servers and others that speak the protocol are refused', () => {
  for (const version of ['5.7.44', '8.0.18', '10.11.6-MariaDB', '11.4.2-MariaDB-log', 'unknown']) {
    expect(whyUnfit({ ...fit, version })).toContain(version);
  }
  for (const version of ['8.0.19', '8.0.36-28', '8.4.3', '9.7.4-2']) {
    expect(whyUnfit({ ...fit, version })).toBeUndefined();
  }
});
