import type { Message } from '@bufbuild/protobuf';
import type { DeliverRequest } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import { DeliveryService } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import { createLocalNetwork } from '@im/common/rpc/local-network.ts';
import type { RpcNetwork } from '@im/common/rpc/network.ts';

/** A network between the services that loses deliveries to the socket gateway. */
export interface LossyNetwork extends RpcNetwork {
  /** Loses the next delivery that `matches`; resolves when it is lost. */
  loseNext(matches: (delivery: DeliverRequest) => boolean): Promise<void>;
}

/** One that loses nothing until it is told to. */
export function createLossyNetwork(): LossyNetwork {
  const network = createLocalNetwork();
  let losing: { matches: (delivery: DeliverRequest) => boolean; lost: () => void } | undefined;

  async function* withoutLost(requests: AsyncIterable<Message>): AsyncGenerator<Message> {
    for await (const request of requests) {
      if (losing?.matches(request as DeliverRequest)) {
        losing.lost();
        losing = undefined;
      } else {
        yield request;
      }
    }
  }

  return {
    ...network,
    transport: {
      unary: network.transport.unary,
      bidi: (method, requests, call) =>
        network.transport.bidi(
          method,
          method.parent === DeliveryService ? withoutLost(requests) : requests,
          call,
        ),
    },
    loseNext: (matches) =>
      new Promise((resolve) => {
        losing = { matches, lost: resolve };
      }),
  };
}
