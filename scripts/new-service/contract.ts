import { execFileSync } from 'node:child_process';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { createFileRegistry, type DescMethod, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/** Where the contracts are, from the root of the project. */
const PROTO_ROOT = 'common/proto';
const PACKAGE = /^im\.([a-z][a-z0-9]*)\.v1$/;
const BUF = join(import.meta.dirname, '../../node_modules/.bin/buf');

/** One method of a contract, in the words of the files that serve it. */
export interface Rpc {
  /** `createPoll` */
  readonly name: string;
  /** `create-poll`, its file. */
  readonly file: string;
  readonly kind: 'unary' | 'stream';
  readonly input: string;
  readonly output: string;
}

/** What a service is made of. */
export interface Contract {
  /** `poll`, in names of files. */
  readonly noun: string;
  /** `poll-service`, its folder. */
  readonly service: string;
  /** `PollService` */
  readonly name: string;
  /** `im/poll/v1/poll_service.proto` */
  readonly proto: string;
  readonly rpcs: readonly Rpc[];
}

/** Reads a contract of the project. Throws a sentence where it is none that a service can be made of. */
export function readContract(root: string, protoPath: string): Contract {
  const file = relative(join(root, PROTO_ROOT), isAbsolute(protoPath) ? protoPath : resolve(root, protoPath));
  if (file.startsWith('..') || !file.endsWith('.proto'))
    throw new Error(`${protoPath}: a contract is a .proto in ${PROTO_ROOT}`);
  const descriptors = execFileSync(BUF, ['build', '--output', '-#format=binpb'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  });
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));
  const found = [...registry.files].find(({ name }) => `${name}.proto` === file);
  if (found === undefined) throw new Error(`${protoPath}: buf knows no such contract`);
  const [service, ...others] = found.services;
  if (service === undefined || others.length > 0)
    throw new Error(`${protoPath}: needs one service, has ${found.services.length}`);
  const [, noun] = PACKAGE.exec(found.proto.package) ?? [];
  if (noun === undefined) throw new Error(`${protoPath}: its package must be im.<name>.v1`);
  return {
    noun,
    service: `${noun}-service`,
    name: service.name,
    proto: file,
    rpcs: service.methods.map(rpcOf),
  };
}

function rpcOf(method: DescMethod): Rpc {
  if (method.methodKind !== 'unary' && method.methodKind !== 'bidi_streaming')
    throw new Error(`${method.name}: streams go both ways or not at all`);
  return {
    name: method.localName,
    file: method.localName.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    kind: method.methodKind === 'unary' ? 'unary' : 'stream',
    input: method.input.name,
    output: method.output.name,
  };
}
