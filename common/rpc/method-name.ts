import type { DescMethod } from '@bufbuild/protobuf';

/** The full name of a method as gRPC writes it: `im.user.v1.UserService/GetUser`. */
export function methodName(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}
