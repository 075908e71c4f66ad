import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICE_NAMES } from '@im/common/service/names.ts';
import { afterAll, expect, test } from 'vitest';
import { completeEnvFile, readEnvFile } from '../scripts/deploy-env/env-file.ts';
import { VARIABLE_GROUPS } from '../scripts/deploy-env/variables.ts';
import { readComposeFile } from '../scripts/stack/compose/compose-file.ts';
import { requireKnownVariables } from '../scripts/stack/compose/images/own.ts';

const COMPOSE_FILE = join(import.meta.dirname, 'docker-compose.yaml');
const text = readFileSync(COMPOSE_FILE, 'utf8');
const dockerfile = readFileSync(join(import.meta.dirname, 'Dockerfile'), 'utf8');
const ignored = readFileSync(join(import.meta.dirname, '../.dockerignore'), 'utf8');
const project = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));

const folder = mkdtempSync(join(tmpdir(), 'im-deploy-'));
afterAll(() => rmSync(folder, { recursive: true }));
const envFile = join(folder, '.env');
completeEnvFile(envFile);
const variables = readEnvFile(envFile);
const { services } = readComposeFile(COMPOSE_FILE, variables);

test('the secrets that init-env makes are all that the compose file needs, and it refuses to do without any', () => {
  for (const name of VARIABLE_GROUPS.flatMap(({ names }) => names)) {
    expect(() => readComposeFile(COMPOSE_FILE, { ...variables, [name]: '' }), name).toThrow(
      `${name} is missing: run ./up.sh`,
    );
  }
});

test('there is a container for each service, with its own key alone', () => {
  const own = services.filter(({ build }) => build !== undefined);
  expect(own.map(({ command }) => command[0]).sort()).toEqual([...SERVICE_NAMES].sort());
  for (const { name, command, environment } of own) {
    expect(command).toEqual([name]);
    expect(environment.IM_SERVICE_KEYS).toMatch(new RegExp(`^${name}=[\\w-]{43}$`));
  }
});

test('every variable of a service sets something in it', () => {
  const own = services.filter(({ build }) => build !== undefined);
  for (const service of own) expect(() => requireKnownVariables(service)).not.toThrow();
  const mistaken = { ...own[0]!, environment: { IM_REGISTRY: 'none', IM_REGISTRATON: 'closed' } };
  expect(() => requireKnownVariables(mistaken)).toThrow(
    'IM_REGISTRATON sets nothing, did you mean IM_REGISTRATION?',
  );
});

test('a secret is in the containers that use it, and in no other', () => {
  const holders = (variable: string) =>
    services
      .filter(({ environment }) =>
        Object.values(environment)
          .join('\n')
          .includes(variables[variable] ?? '?'),
      )
      .map(({ name }) => name);
  expect(holders('IM_MYSQL_ROOT_PASSWORD')).toEqual(['mysql']);
  expect(holders('IM_MYSQL_CHAT_PASSWORD')).toEqual(['mysql', 'chat-service']);
  expect(holders('IM_REDIS_SESSION_PASSWORD')).toEqual(['redis-session', 'auth-service']);
  expect(holders('IM_SIGNING_KEYS')).toEqual(['auth-service']);
  expect(holders('IM_ADMIN_KEY')).toEqual(['user-service']);
});

test('only the gateways are reached from outside; nobody is root; any service may be there twice', () => {
  const publishing = services.filter(({ ports }) => ports.length > 0).map(({ name }) => name);
  expect(publishing).toEqual(['api-gateway', 'ws-gateway']);
  for (const { name, user } of services) expect(user, name).toMatch(/^(?!root|0)/);
  expect(text).not.toContain('container_name');
});

test('the image has the Node of package.json and every workspace', () => {
  expect(dockerfile).toContain(`NODE_IMAGE=node:${project.devDependencies.node}-`);
  for (const workspace of project.workspaces) {
    expect(dockerfile).toContain(`COPY ${workspace}/package.json ${workspace}/`);
    if (['tests', 'bench'].includes(workspace)) continue;
    expect(dockerfile).toContain(`COPY ${workspace} ${workspace}\n`);
    expect(ignored).toContain(`!${workspace}\n`);
  }
});
