import type { DescMessage, DescMethod, MessageInitShape } from '@bufbuild/protobuf';
import type { Reason } from '@im/common/errors/im-error.ts';
import type { MessageInit } from '@im/common/rpc/message-init.ts';
import { methodName } from '@im/common/rpc/method-name.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import type { Person } from '../support/people.ts';
import type { Scope, World } from './world.ts';

export type Outcome = 'ok' | Reason;

/** Who may call a method, and what comes of it. Whoever is not named is to be refused. */
export interface Row<Init = MessageInit> {
  /** Everybody may, signed in or not. */
  readonly public?: true;
  /** Signed-in users may; what comes of it for the one whom it concerns, and for somebody else. */
  readonly users?: { readonly party: Outcome; readonly another: Outcome };
  /** API keys with this scope may. */
  readonly scope?: Scope;
  /** These services may, on their own behalf. */
  readonly services?: readonly ServiceName[];
  /** What the party, or the service, would ask; made anew for each call. */
  readonly request: (world: World, service: ServiceName | undefined) => Init | Promise<Init>;
  /** It ends sessions: the party and the other are people of its own for each call. */
  readonly endsSessions?: true;
  /** Callers whom the contract lets in and whom the object of the request refuses. */
  readonly butNot?: readonly ObjectRule<Init>[];
}

export interface ObjectRule<Init = MessageInit> {
  /** In words. */
  readonly who: string;
  readonly attempt: (world: World) => Attempt<Init> | Promise<Attempt<Init>>;
  readonly reason: Reason;
}

interface Attempt<Init> {
  readonly as: Person | ServiceName;
  readonly request: Init;
}

/** The row of a method, checked against its contract. */
export function row<I extends DescMessage>(
  method: DescMethod & { readonly input: I },
  allowed: Row<MessageInitShape<I>>,
): [name: string, row: Row] {
  return [methodName(method), allowed as unknown as Row];
}
