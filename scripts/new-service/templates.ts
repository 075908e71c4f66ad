import type { Contract, Rpc } from './contract.ts';

/** The texts of a new service, in the manner of those that are there. */

const capital = (noun: string) => noun.charAt(0).toUpperCase() + noun.slice(1);
const generated = ({ proto }: Contract) => `@im/common/gen/${proto.replace(/\.proto$/, '_pb.ts')}`;
const contextType = ({ noun }: Contract) => `${capital(noun)}Context`;

/** What belongs into a service's folder beside its RPCs, by path. */
export function serviceFiles(contract: Contract): Record<string, string> {
  const { noun, service, name } = contract;
  const type = capital(noun);
  return {
    'package.json': `${JSON.stringify(
      {
        name: `@im/${service}`,
        version: '0.1.0',
        private: true,
        type: 'module',
        exports: { '.': './src/index.ts' },
        scripts: { start: 'node src/main.ts' },
        dependencies: {
          '@im/common': '0.1.0',
          '@bufbuild/protobuf': '2.17.0',
          kysely: '0.29.9',
          zod: '4.6.7',
        },
      },
      undefined,
      2,
    )}\n`,
    'README.md': `# ${service}

What it is for, in a sentence.

- Contract: [\`common/proto/${contract.proto}\`](../common/proto/${contract.proto})
- Settings: [\`etc/${service}.yaml\`](etc/${service}.yaml)
- Needs: its own database.
- Start alone: \`npm start -w ${service}\`
`,
    [`etc/${service}.yaml`]: `# Settings of ${service}. What is not written here has its default.\n`,
    'src/main.ts': `import { runAlone } from '@im/common/service/run-alone.ts';
import { ${noun}Service } from './index.ts';

await runAlone(${noun}Service, \`\${import.meta.dirname}/../etc/${service}.yaml\`);
`,
    'src/index.ts': `import { ${name} } from '${generated(contract)}';
import { bindRpc } from '@im/common/rpc/types.ts';
import type { ServiceModule } from '@im/common/service/module.ts';
import { ${noun}Config } from './config.ts';
import { buildContext } from './context.ts';
import { ${noun}Handlers } from './rpc/handlers.ts';

/** What it is for, in a sentence. */
export const ${noun}Service: ServiceModule<typeof ${noun}Config> = {
  name: '${service}',
  config: ${noun}Config,
  ports: { database: 'needed' },
  async create(config, host) {
    const context = await buildContext(config, host);
    return { rpc: [bindRpc(${name}, ${noun}Handlers(context))], stop: async () => {} };
  },
};
`,
    'src/config.ts': `import { z } from 'zod';

/** ${service}'s own settings (\`etc/${service}.yaml\`). */
export const ${noun}Config = z.strictObject({});

export type ${type}Config = z.output<typeof ${noun}Config>;
`,
    'src/context.ts': `import type { Database } from '@im/common/database/database.ts';
import type { ServiceHost } from '@im/common/service/module.ts';
import type { ${type}Config } from './config.ts';
import { migrations } from './store/migrations/index.ts';
import type { ${type}Tables } from './store/tables.ts';

/** What the RPCs of ${service} work with. */
export interface ${type}Context {
  readonly config: ${type}Config;
  readonly database: Database<${type}Tables>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Opens the store; \`overrides\` are for tests. */
export async function buildContext(
  config: ${type}Config,
  host: ServiceHost,
  overrides: Partial<${type}Context> = {},
): Promise<${type}Context> {
  const database = overrides.database ?? (await host.openDatabase<${type}Tables>(migrations));
  return { config, database, now: host.now, ...overrides };
}
`,
    'src/store/tables.ts': `/** The tables of ${service}, by name; each has a file of its own beside this one. */
// biome-ignore lint/complexity/noBannedTypes: none yet
export type ${type}Tables = {};
`,
    'src/store/migrations/index.ts': `import type { Migrations } from '@im/common/database/database.ts';

/** The steps of the schema, by name: \`0001-…\`. */
export const migrations: Migrations = {};
`,
    'src/rpc/handlers.ts': `import type { ${name} } from '${generated(contract)}';
import type { RpcHandlers } from '@im/common/rpc/types.ts';
import type { ${contextType(contract)} } from '../context.ts';

/** Everything the contract of ${name} names. */
export function ${noun}Handlers(context: ${contextType(contract)}): RpcHandlers<typeof ${name}> {
  return {
  };
}
`,
    [`src/${service}.test.ts`]: `import { startTestProcess, type TestProcess } from '@im/common/testing/test-process.ts';
import { afterEach, expect, test } from 'vitest';
import { ${noun}Service } from './index.ts';

let running: TestProcess;
afterEach(() => running.stop());

test('it starts and is ready', async () => {
  running = await startTestProcess({ modules: [[${noun}Service, {}]] });
  await running.ready();
  expect(running.notReady()).toEqual([]);
});
`,
  };
}

/** The file of one RPC. */
export function rpcFile(contract: Contract, rpc: Rpc): string {
  const { input, output, name } = rpc;
  const types = `import type { MessageInitShape } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import type { ${input}, ${output}Schema } from '${generated(contract)}';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { ${contextType(contract)} } from '../context.ts';
`;
  if (rpc.kind === 'unary')
    return `${types}
export async function ${name}(
  _context: ${contextType(contract)},
  _request: ${input},
  _ctx: CallContext,
): Promise<MessageInitShape<typeof ${output}Schema>> {
  throw new ImError('NOT_IMPLEMENTED', '${name} is not written yet');
}
`;
  return `${types}
// biome-ignore lint/correctness/useYield: not written yet
export async function* ${name}(
  _context: ${contextType(contract)},
  _requests: AsyncIterable<${input}>,
  _ctx: CallContext,
): AsyncIterable<MessageInitShape<typeof ${output}Schema>> {
  throw new ImError('NOT_IMPLEMENTED', '${name} is not written yet');
}
`;
}

/** What names an RPC in \`handlers.ts\`: its import and its entry. */
export function handlerLines({ name, file, kind }: Rpc): { imports: string; entry: string } {
  const request = kind === 'unary' ? 'request' : 'requests';
  return {
    imports: `import { ${name} } from './${file}.ts';`,
    entry: `    ${name}: (${request}, ctx) => ${name}(context, ${request}, ctx),`,
  };
}
