import { ImError } from '@im/common/errors/im-error.ts';
import { type GetAccountRequest, UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { ServiceModule } from '@im/common/service/module.ts';
import { z } from 'zod';

export interface Account {
  uid: string;
  externalId?: string;
  disabled?: boolean;
  /** Called after each look at the account, before it is answered. */
  afterLook?: () => void;
}

export type Accounts = Map<string, Account>;

const noConfig = z.strictObject({});

/** The one RPC of user-service that this service calls, on accounts that a test sets. */
export function accountsModule(accounts: Accounts): ServiceModule<typeof noConfig> {
  async function getAccount({ account: wanted }: GetAccountRequest) {
    const found = [...accounts.values()].find((account) =>
      wanted.case === 'uid' ? account.uid === wanted.value : account.externalId === wanted.value,
    );
    if (!found) throw new ImError('USER_NOT_FOUND', 'there is no such user');
    const answer = {
      user: { uid: found.uid, nickname: `nickname of ${found.uid}` },
      disabled: found.disabled,
    };
    found.afterLook?.();
    return answer;
  }
  return {
    name: 'user-service',
    config: noConfig,
    create: async () => ({
      rpc: [{ service: UserService, handlers: { getAccount } }],
      stop: async () => {},
    }),
  };
}
