import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFileRegistry, type DescMethod, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { methodName } from '@im/common/rpc/method-name.ts';
import type { AnyService } from '@im/common/rpc/types.ts';

const GENERATED = join(import.meta.dirname, '../../../common/gen');

export interface Method {
  /** `im.user.v1.UserService/GetMe` */
  readonly name: string;
  readonly service: AnyService;
  readonly rpc: DescMethod;
}

/** Every method that the descriptors hold, as the generated code has it; in the order of their names. */
export async function methodsOfDescriptors(): Promise<Method[]> {
  const file = readFileSync(join(GENERATED, 'im.binpb'));
  const services = await generatedServices();
  const found: Method[] = [];
  for (const described of createFileRegistry(fromBinary(FileDescriptorSetSchema, file))) {
    if (described.kind !== 'service') continue;
    const service = services.get(described.typeName);
    for (const { name } of described.methods) {
      const rpc = service?.methods.find((method) => method.name === name);
      if (!service || !rpc) throw new Error(`${described.typeName}/${name} is not generated: npm run gen`);
      found.push({ name: methodName(rpc), service, rpc });
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** By their full names. Looked for in the files, so that a new one cannot be forgotten here. */
async function generatedServices(): Promise<Map<string, AnyService>> {
  const services = new Map<string, AnyService>();
  for (const path of globSync('im/**/*_service_pb.ts', { cwd: GENERATED })) {
    const exported: Record<string, { kind?: string }> = await import(join(GENERATED, path));
    for (const value of Object.values(exported)) {
      if (value.kind === 'service') services.set((value as AnyService).typeName, value as AnyService);
    }
  }
  return services;
}
