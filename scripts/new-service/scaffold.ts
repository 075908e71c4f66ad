import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Contract } from './contract.ts';
import { handlerLines, rpcFile, serviceFiles } from './templates.ts';

/** What became of a file. */
export interface Done {
  readonly what: 'new' | 'changed';
  readonly path: string;
}

/**
 * Writes what a service of this contract lacks, in its folder and where services
 * are named, and tells each file. What is there stays as it is.
 */
export function scaffold(root: string, contract: Contract): Done[] {
  const done: Done[] = [];
  const write = (path: string, text: string, what: Done['what']) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    done.push({ what, path });
  };
  const add = (path: string, text: string) => {
    if (!existsSync(join(root, path))) write(path, text, 'new');
  };
  const change = (path: string, change: (text: string) => string) => {
    const before = readFileSync(join(root, path), 'utf8');
    const after = change(before);
    if (after !== before) write(path, after, 'changed');
  };

  const { service, rpcs } = contract;
  for (const [path, text] of Object.entries(serviceFiles(contract))) add(join(service, path), text);
  for (const rpc of rpcs) add(join(service, `src/rpc/${rpc.file}.ts`), rpcFile(contract, rpc));
  change(join(service, 'src/rpc/handlers.ts'), (text) => withHandlers(text, contract));
  for (const [path, naming] of Object.entries(namings(contract))) change(path, naming);
  return done;
}

function withHandlers(text: string, { rpcs }: Contract): string {
  let result = text;
  for (const rpc of rpcs) {
    const { imports, entry } = handlerLines(rpc);
    if (new RegExp(`^ *${rpc.name}[:,]`, 'm').test(result)) continue;
    result = before(result, /\n\n\/\*\*/, `\n${imports}`);
    result = before(result, /\n {2}\};\n\}\n$/, `\n${entry}`);
  }
  return result;
}

/** Where services are named, and how a new one gets there. */
function namings({ noun, service, name, proto }: Contract): Record<string, (text: string) => string> {
  const generated = `../gen/${proto.replace(/\.proto$/, '_pb.ts')}`;
  return {
    'common/service/names.ts': once(`'${service}'`, (text) =>
      before(text, / {2}'api-gateway',\n/, `  '${service}',\n`),
    ),
    'common/rpc/service-of.ts': once(`'${service}'`, (text) =>
      before(
        before(text, /import type \{ ServiceName \}/, `import { ${name} } from '${generated}';\n`),
        / {2}\[GatewayService, /,
        `  [${name}, '${service}'],\n`,
      ),
    ),
    'common/registry/service-keys.ts': once(`'${service}'`, (text) =>
      before(text, / {2}'ws-gateway': /, `  '${service}': '${noun}.rpc',\n`),
    ),
    'server/src/modules.ts': once(`@im/${service}`, (text) =>
      before(
        before(text, /import \{ userService \}/, `import { ${noun}Service } from '@im/${service}';\n`),
        / {2}apiGateway,\n/,
        `  ${noun}Service,\n`,
      ),
    ),
    'server/package.json': once(`@im/${service}`, (text) =>
      before(text, / {4}"@im\/api-gateway"/, `    "@im/${service}": "0.1.0",\n`),
    ),
    'package.json': once(`"${service}"`, (text) =>
      before(text, / {4}"api-gateway",\n/, `    "${service}",\n`),
    ),
  };
}

function once(mark: string, change: (text: string) => string): (text: string) => string {
  return (text) => (text.includes(mark) ? text : change(text));
}

/** Puts `added` before the first match; a file that has no such place any more is a mistake of this script. */
function before(text: string, place: RegExp, added: string): string {
  const match = place.exec(text);
  if (match === null) throw new Error(`there is no place for "${added.trim()}" any more`);
  return text.slice(0, match.index) + added + text.slice(match.index);
}
