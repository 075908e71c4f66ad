import { type DescMethod, getOption, hasOption, type Message } from '@bufbuild/protobuf';
import { routed_by as routedByOption } from '../../gen/im/options/v1/options_pb.ts';
import { realConversationId } from '../../utils/real-conversation-id.ts';
import { routeOf } from '../conversation-route.ts';
import type { SpokenFor } from '../types.ts';

/** Reads from a request which route its call takes; undefined where the contract names no conversation, or the request none. */
export function routeReader(
  method: DescMethod,
): (request: Message, speakFor: SpokenFor | undefined) => string | undefined {
  if (!hasOption(method, routedByOption)) return () => undefined;
  const name = getOption(method, routedByOption);
  const field = method.input.fields.find((each) => each.name === name);
  if (field === undefined) throw new Error(`${method.name}: there is no field ${name} to route by`);
  return (request, speakFor) => {
    const id = (request as unknown as Record<string, unknown>)[field.localName];
    if (typeof id !== 'string' || id === '') return undefined;
    return routeOf(speakFor?.kind === 'user' ? realConversationId(id, speakFor.uid) : id);
  };
}
