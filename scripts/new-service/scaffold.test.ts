import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readContract } from './contract.ts';
import { scaffold } from './scaffold.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What a new service is made from, and where services are named. */
const NEEDED = [
  'buf.yaml',
  'common/proto',
  'common/third_party',
  'common/service/names.ts',
  'common/rpc/service-of.ts',
  'common/registry/service-keys.ts',
  'server/src/modules.ts',
  'server/package.json',
  'package.json',
];
const PROTO = 'common/proto/im/poll/v1/poll_service.proto';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'im-new-service-'));
  for (const path of NEEDED) cpSync(join(ROOT, path), join(root, path), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

function writeContract(...rpcs: string[]): void {
  const methods = rpcs.map((rpc) => `  rpc ${rpc}(${rpc}Request) returns (${rpc}Response) {}`);
  const messages = rpcs.map((rpc) => `message ${rpc}Request {}\nmessage ${rpc}Response {}`);
  mkdirSync(dirname(join(root, PROTO)), { recursive: true });
  writeFileSync(
    join(root, PROTO),
    ['syntax = "proto3";', 'package im.poll.v1;', 'service PollService {', ...methods, '}', ...messages].join(
      '\n',
    ),
  );
}
const run = () => scaffold(root, readContract(root, PROTO));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

test('a contract becomes a folder with a file for each RPC, and is named where services are', () => {
  writeContract('CreatePoll', 'ListPolls');
  const paths = run().map(({ path }) => path);
  expect(paths).toContain('poll-service/src/rpc/create-poll.ts');
  expect(paths).toContain('poll-service/etc/poll-service.yaml');
  expect(read('poll-service/src/rpc/handlers.ts')).toContain('listPolls(context, request, ctx)');
  expect(read('common/service/names.ts')).toContain("'poll-service'");
  expect(read('common/rpc/service-of.ts')).toContain("[PollService, 'poll-service']");
  expect(read('common/registry/service-keys.ts')).toContain("'poll-service': 'poll.rpc'");
  expect(read('server/src/modules.ts')).toContain("import { pollService } from '@im/poll-service'");
  expect(JSON.parse(read('package.json')).workspaces).toContain('poll-service');
  expect(JSON.parse(read('server/package.json')).dependencies).toHaveProperty('@im/poll-service');
});

test('run again it adds the RPCs that are new and leaves all else alone', () => {
  writeContract('CreatePoll');
  run();
  expect(run()).toEqual([]);
  writeFileSync(join(root, 'poll-service/src/rpc/create-poll.ts'), '// written by hand\n');
  writeContract('CreatePoll', 'ClosePoll');
  expect(run()).toEqual([
    { what: 'new', path: 'poll-service/src/rpc/close-poll.ts' },
    { what: 'changed', path: 'poll-service/src/rpc/handlers.ts' },
  ]);
  expect(read('poll-service/src/rpc/create-poll.ts')).toBe('// written by hand\n');
});

test('what is no contract of the project is refused', () => {
  expect(() => readContract(root, 'elsewhere/poll.proto')).toThrow('a contract is a .proto in common/proto');
  expect(() => readContract(root, 'common/proto/im/poll/v1/no.proto')).toThrow('buf knows no such contract');
  expect(() => readContract(root, 'common/proto/im/options/v1/options.proto')).toThrow(
    'needs one service, has 0',
  );
});
