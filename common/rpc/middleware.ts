import type { Message } from '@bufbuild/protobuf';

/** Carries a call on. A unary call resolves to its answer, a stream to nothing once it has ended. */
export type Next<Call> = (call: Call) => Promise<Message | undefined>;

/** One concern around calls. It sees a whole call, unary or stream, and never the single messages of a stream. */
export type Middleware<Call> = (call: Call, next: Next<Call>) => Promise<Message | undefined>;

/** One function out of the list; the first is the outermost. */
export function compose<Call>(list: readonly Middleware<Call>[], innermost: Next<Call>): Next<Call> {
  return list.reduceRight<Next<Call>>((next, middleware) => (call) => middleware(call, next), innermost);
}
