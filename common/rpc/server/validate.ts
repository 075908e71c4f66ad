import type { Message } from '@bufbuild/protobuf';
import { mapIterable } from '../map-iterable.ts';
import type { Middleware } from '../middleware.ts';
import type { MessageValidator } from '../validation.ts';
import type { ServerCall } from './call.ts';

/** Holds every request, also each of a stream, against the rules of its contract. */
export function validateRequests(validate: MessageValidator): Middleware<ServerCall> {
  return async (call, next) => {
    const schema = call.route.method.input;
    if (call.route.kind === 'unary') validate(schema, call.input as Message);
    else
      call.input = mapIterable(call.input as AsyncIterable<Message>, (message) => {
        validate(schema, message);
        return message;
      });
    return next(call);
  };
}
