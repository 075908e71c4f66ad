import { clone, type DescMethod } from '@bufbuild/protobuf';
import { ImError } from '../errors/im-error.ts';
import { normalizeError } from '../errors/normalize-error.ts';
import { type ChangingList, createInstanceList } from '../registry/instance-list.ts';
import type { ServiceName } from '../service/names.ts';
import { copyMessage } from './copy-message.ts';
import { mapIterable } from './map-iterable.ts';
import type { RpcNetwork } from './network.ts';
import type { IncomingCall, RpcServer } from './server.ts';
import type { TransportCall } from './transport.ts';

/**
 * A network inside the process. It behaves as a real one: messages are copied
 * in both directions and errors cross as data, so that neither side can come
 * to depend on what the other does with its objects.
 */
export function createLocalNetwork(): RpcNetwork {
  const servers = new Set<{ server: RpcServer; instance: string }>();
  const lists = new Map<ServiceName, ChangingList>();

  function listOf(service: ServiceName): ChangingList {
    const list = lists.get(service) ?? createInstanceList();
    if (!lists.has(service)) {
      lists.set(service, list);
      showServers(service);
    }
    return list;
  }

  function showServers(service: ServiceName): void {
    const instances = [...servers].filter((entry) => entry.server.service === service);
    lists.get(service)?.set(instances.map(({ instance }) => ({ address: instance, bootId: instance })));
  }

  function find({ target, instance }: TransportCall): RpcServer {
    for (const entry of servers)
      if (entry.server.service === target && (instance === undefined || entry.instance === instance))
        return entry.server;
    throw new ImError('SERVICE_AWAY', `${target} is not there`);
  }

  return {
    add(server, instance) {
      const entry = { server, instance };
      servers.add(entry);
      showServers(server.service);
      return () => {
        servers.delete(entry);
        showServers(server.service);
      };
    },
    discovery: { follow: listOf },
    // Whoever can call looks the servers up anew at each call.
    announce: async () => async () => {},
    transport: {
      async unary(method, request, call) {
        const server = find(call);
        const copy = clone(method.input, request);
        try {
          return await server.unary(method, copy, incoming(method, call));
        } catch (error) {
          throw copyError(error);
        }
      },
      bidi(method, requests, call) {
        return {
          [Symbol.asyncIterator]() {
            // The hot paths: copied as quickly as can be. Single calls are also
            // checked against their contract by `clone`.
            const copies = mapIterable(requests, copyMessage);
            const { metadata, signal } = call;
            const answers = find(call).bidi(method, copies, { metadata, signal, encode: copyMessage });
            return mapIterable(answers, (answer) => answer, copyError)[Symbol.asyncIterator]();
          },
        };
      },
    },
  };
}

function incoming(method: DescMethod, { metadata, signal }: TransportCall): IncomingCall {
  return { metadata, signal, encode: (answer) => clone(method.output, answer) };
}

/** What of an error would go over the wire, as an error of the other side's own. */
function copyError(error: unknown): ImError {
  const { reason, message, metadata } = normalizeError(error);
  return new ImError(reason, message, { ...metadata });
}
