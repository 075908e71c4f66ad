import { readFile } from 'node:fs/promises';
import type { CallContext, ServiceImplementation } from 'nice-grpc';
import { ServerReflection, type ServerReflectionService } from 'nice-grpc-server-reflection';

/** Of all contracts; `npm run gen` writes it. */
const DESCRIPTOR_SET = new URL('../../gen/im.binpb', import.meta.url);

type Reflection = ServiceImplementation<typeof ServerReflectionService>;

/** grpc.reflection.v1 for the contracts in `served`, which may change. The descriptors are read when somebody asks. */
export function reflectionOf(served: readonly string[]): Reflection {
  let reflection: Promise<Reflection> | undefined;
  return {
    async *serverReflectionInfo(requests, context: CallContext) {
      reflection ??= readFile(DESCRIPTOR_SET).then((bytes) => ServerReflection(bytes, served));
      yield* (await reflection).serverReflectionInfo(requests, context);
    },
  };
}
