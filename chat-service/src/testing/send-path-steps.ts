import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import fc from 'fast-check';

/** Person 0 is a friend of 1 and of 2 and owns the group, 1 is in it for good, 2 comes and goes. */
export type Person = 0 | 1 | 2;
export type Place = 'direct01' | 'direct02' | 'group';

export type Write = {
  readonly by: Person;
  readonly place: Place;
  readonly clientMsgId: string;
  readonly instance: 0 | 1;
  readonly stream: boolean;
} & (
  | { readonly kind: 'send'; readonly text: string }
  /** Of the message with this number among the place's, if there is one. */
  | { readonly kind: 'edit'; readonly target: number; readonly text: string }
  | { readonly kind: 'recall'; readonly target: number }
);

/** Writes that are made at once, and whether person 2 joins or leaves the group beside them. */
export interface Step {
  readonly writes: readonly Write[];
  readonly membership: 'join' | 'leave' | undefined;
}

/** A write with what became of it. `seq` is the target's for edits and recalls. */
export interface Outcome {
  readonly write: Write;
  readonly step: number;
  readonly target: number | undefined;
  readonly answer: Message | undefined;
  readonly reason: string | undefined;
  /** Whether person 2 was in the group; undefined where that changed meanwhile. */
  readonly member: boolean | undefined;
}

const common = {
  by: fc.constantFrom<Person[]>(0, 1, 2),
  place: fc.constantFrom<Place[]>('direct01', 'direct02', 'group'),
  clientMsgId: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  instance: fc.constantFrom<(0 | 1)[]>(0, 1),
  stream: fc.boolean(),
};
const text = fc.constantFrom('x', 'y');
const write: fc.Arbitrary<Write> = fc
  .oneof(
    { weight: 6, arbitrary: fc.record({ ...common, kind: fc.constant('send' as const), text }) },
    {
      weight: 2,
      arbitrary: fc.record({ ...common, kind: fc.constant('edit' as const), target: fc.nat(4), text }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ ...common, kind: fc.constant('recall' as const), target: fc.nat(4) }),
    },
  )
  .filter(({ by, place }) => place === 'group' || place.includes(String(by)));
/** Some writes at once. */
export const step: fc.Arbitrary<Step> = fc.record({
  writes: fc.array(write, { minLength: 1, maxLength: 10 }),
  membership: fc.option(fc.constantFrom('join', 'leave'), { nil: undefined, freq: 4 }),
});
