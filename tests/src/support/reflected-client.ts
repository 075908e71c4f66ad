import {
  create,
  createFileRegistry,
  type DescMethod,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonObject,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { ServerReflectionService } from 'nice-grpc-server-reflection';
import {
  ServerReflectionRequest,
  type ServerReflectionResponse,
} from 'nice-grpc-server-reflection/lib/proto/grpc/reflection/v1/reflection_pb.js';

/** Milliseconds a call may take. */
const CALL_MS = 5_000;

/** A client of whatever answers at an address, which knows nothing but what reflection tells it. */
export interface ReflectedClient {
  /** Names of the services there. */
  services(): Promise<string[]>;
  /** Makes a call in JSON. Rejects with the status of grpc. */
  call(
    service: string,
    method: string,
    request: JsonObject,
    metadata?: Record<string, string>,
  ): Promise<JsonObject>;
  close(): void;
}

/** In plain text, if the credentials say nothing else. */
export function reflectedClient(
  address: string,
  channelCredentials = credentials.createInsecure(),
): ReflectedClient {
  const client = new Client(address, channelCredentials);
  const deadline = () => ({ deadline: Date.now() + CALL_MS });

  function reflect(question: ServerReflectionRequest): Promise<ServerReflectionResponse.AsObject> {
    const { path, requestSerialize, responseDeserialize } = ServerReflectionService.serverReflectionInfo;
    return new Promise((resolve, reject) => {
      const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, deadline());
      stream.on('data', (answer: ServerReflectionResponse) => resolve(answer.toObject()));
      stream.on('error', reject);
      stream.write(question);
      stream.end();
    });
  }

  async function fileOf(question: ServerReflectionRequest): Promise<FileDescriptorProto> {
    const answer = await reflect(question);
    const [bytes] = answer.fileDescriptorResponse?.fileDescriptorProtoList ?? [];
    return fromBinary(FileDescriptorProtoSchema, Buffer.from(String(bytes), 'base64'));
  }

  /** The file of a symbol and all that it imports. */
  async function registryOf(symbol: string): Promise<FileRegistry> {
    const files = new Map<string, FileDescriptorProto>();
    const waiting = [await fileOf(new ServerReflectionRequest().setFileContainingSymbol(symbol))];
    for (let file = waiting.pop(); file; file = waiting.pop()) {
      if (files.has(file.name)) continue;
      files.set(file.name, file);
      for (const name of file.dependency)
        if (!files.has(name))
          waiting.push(await fileOf(new ServerReflectionRequest().setFileByFilename(name)));
    }
    return createFileRegistry(create(FileDescriptorSetSchema, { file: inOrder([...files.values()]) }));
  }

  return {
    async services() {
      const { listServicesResponse } = await reflect(new ServerReflectionRequest().setListServices(''));
      return listServicesResponse?.serviceList.map(({ name }) => name) ?? [];
    },
    async call(service, name, request, metadata = {}) {
      const registry = await registryOf(service);
      const method = registry.getService(service)?.methods.find((one) => one.name === name) as DescMethod;
      const message = fromJson(method.input, request, { registry });
      const headers = new Metadata();
      for (const [key, value] of Object.entries(metadata)) headers.set(key, value);
      const answer = await new Promise<Uint8Array>((resolve, reject) => {
        client.makeUnaryRequest<Uint8Array, Uint8Array>(
          `/${service}/${name}`,
          (bytes) => Buffer.from(bytes),
          (bytes) => bytes,
          toBinary(method.input, message),
          headers,
          deadline(),
          (error, bytes) => (error ? reject(error) : resolve(bytes!)),
        );
      });
      return toJson(method.output, fromBinary(method.output, answer), { registry }) as JsonObject;
    },
    close: () => client.close(),
  };
}

/** What is imported comes before who imports it. */
function inOrder(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const ordered = new Set<FileDescriptorProto>();
  const add = (file: FileDescriptorProto) => {
    if (ordered.has(file)) return;
    for (const name of file.dependency) {
      const imported = files.find((one) => one.name === name);
      if (imported) add(imported);
    }
    ordered.add(file);
  };
  files.forEach(add);
  return [...ordered];
}
