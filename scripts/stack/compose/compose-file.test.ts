// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a compose file has them
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readComposeFile } from './compose-file.ts';
import { startOrder } from './start-order.ts';

const folder = mkdtempSync(join(tmpdir(), 'im-compose-file-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'one.conf'), '');

const SERVICE = {
  image: 'redis:7.2',
  user: 'redis',
  restart: 'unless-stopped',
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '5' } },
  deploy: { resources: { limits: { cpus: '1', memory: '1G' } } },
  healthcheck: { test: ['CMD', 'true'], interval: '5s', timeout: '500ms', retries: 3, start_period: '1m30s' },
};

function read(services: object, more: object = {}, variables = {}) {
  const file = join(folder, 'compose.yaml');
  writeFileSync(file, stringify({ name: 'x', services, ...more }));
  return readComposeFile(file, variables);
}

test('variables are filled in, times are milliseconds, what is mounted and published is taken apart', () => {
  const one = {
    ...SERVICE,
    environment: { A: 'a${B:-b}' },
    volumes: ['./one.conf:/etc/one.conf:ro', 'vol:/data'],
    ports: ['${ON:-127.0.0.1}:81:80'],
  };
  const [service] = read({ one }, { volumes: { vol: null } }, { B: 'x' }).services;
  expect(service).toMatchObject({
    name: 'one',
    environment: { A: 'ax' },
    volumes: [
      { source: './one.conf', target: '/etc/one.conf' },
      { source: 'vol', target: '/data' },
    ],
    ports: [{ hostPort: 81, containerPort: 80 }],
    healthcheck: { interval: 5_000, timeout: 500, start_period: 90_000 },
  });
});

test.each([
  [
    'a key that nobody knows here',
    { one: { ...SERVICE, hostname: 'x' } },
    {},
    'services.one: Unrecognized key: "hostname"',
  ],
  ['one at the top', { one: SERVICE }, { networks: {} }, 'Unrecognized key: "networks"'],
  [
    'a health check in other words',
    { one: { ...SERVICE, healthcheck: { test: 'true' } } },
    {},
    'services.one.healthcheck.test',
  ],
  [
    'a number among the variables',
    { one: { ...SERVICE, environment: { A: 1 } } },
    {},
    'services.one.environment.A',
  ],
  [
    'a condition but health',
    { one: { ...SERVICE, depends_on: { one: { condition: 'service_started' } } } },
    {},
    'condition',
  ],
  ['no limits', { one: { ...SERVICE, deploy: undefined } }, {}, 'services.one.deploy'],
  [
    'a service that is not there',
    { one: { ...SERVICE, depends_on: { two: { condition: 'service_healthy' } } } },
    {},
    'depends on two',
  ],
  [
    'a file that is not there',
    { one: { ...SERVICE, volumes: ['./no.conf:/etc/no.conf'] } },
    {},
    'there is no ./no.conf',
  ],
  [
    'a volume that is not there',
    { one: { ...SERVICE, volumes: ['vol:/data'] } },
    {},
    'there is no volume vol',
  ],
  ['a volume too many', { one: SERVICE }, { volumes: { vol: null } }, 'nobody uses the volume vol'],
  [
    'a port twice',
    { one: { ...SERVICE, ports: ['1:1'] }, two: { ...SERVICE, ports: ['1:2'] } },
    {},
    'published twice',
  ],
  [
    'a variable that must be there',
    { one: { ...SERVICE, environment: { A: '${X:?make it}' } } },
    {},
    'X is missing: make it',
  ],
])('%s is refused', (_, services, more, message) => {
  expect(() => read(services, more)).toThrow(message);
});

test('what depends on others starts after them; a circle is refused', () => {
  const after = (...names: string[]) => ({
    ...SERVICE,
    depends_on: Object.fromEntries(names.map((name) => [name, { condition: 'service_healthy' }])),
  });
  const { services } = read({ one: after('two', 'three'), two: after('three'), three: SERVICE });
  expect(startOrder(services).map(({ name }) => name)).toEqual(['three', 'two', 'one']);
  expect(() => startOrder(read({ one: after('two'), two: after('one') }).services)).toThrow(
    'in a circle: one, two',
  );
});
