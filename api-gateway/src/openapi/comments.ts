import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fromBinary } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type FileDescriptorProto,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';

/** The contracts with their comments, written when code is generated from them; the code itself has none. */
const DESCRIPTOR_SET = '@im/common/gen/im.binpb';

/** Comments of the contracts by full name: `im.user.v1.User`, `im.user.v1.User.uid`, `im.user.v1.UserService.GetMe`. */
export type Comments = ReadonlyMap<string, string>;

/** Reads the comments that go with the contracts; none where the descriptor set is not there. */
export function readComments(): Comments {
  const file = createRequire(import.meta.url).resolve(DESCRIPTOR_SET);
  if (!existsSync(file)) return new Map();
  const set = fromBinary(FileDescriptorSetSchema, readFileSync(file));
  return new Map(set.file.flatMap((proto) => [...commentsOf(proto)]));
}

function* commentsOf(file: FileDescriptorProto): Generator<[string, string]> {
  const names = namesByPath(file);
  for (const { path, leadingComments } of file.sourceCodeInfo?.location ?? []) {
    const name = names.get(path.join('.'));
    if (name && leadingComments) yield [name, leadingComments.replace(/\s*\n\s*/g, ' ').trim()];
  }
}

/** Full names by where they stand in the descriptor: numbers of fields and indexes in turn. */
function namesByPath(file: FileDescriptorProto): Map<string, string> {
  const names = new Map<string, string>();
  file.messageType.forEach((message, index) => {
    addMessage(names, message, `4.${index}`, file.package);
  });
  file.service.forEach((service, index) => {
    const name = `${file.package}.${service.name}`;
    names.set(`6.${index}`, name);
    service.method.forEach((method, at) => {
      names.set(`6.${index}.2.${at}`, `${name}.${method.name}`);
    });
  });
  return names;
}

function addMessage(
  names: Map<string, string>,
  message: DescriptorProto,
  path: string,
  parent: string,
): void {
  const name = `${parent}.${message.name}`;
  names.set(path, name);
  message.field.forEach((field, index) => {
    names.set(`${path}.2.${index}`, `${name}.${field.name}`);
  });
  message.nestedType.forEach((nested, index) => {
    addMessage(names, nested, `${path}.3.${index}`, name);
  });
}
