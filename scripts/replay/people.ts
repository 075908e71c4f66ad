import { type DeviceName, issueTokens, makeFriends, upsertUser } from '@im/common/testing/client/accounts.ts';
import { createDevice, type ImDevice } from '@im/common/testing/client/device.ts';
import type { ImClient } from '@im/common/testing/client/http.ts';
import type { SignedIn } from '@im/common/testing/client/wire.ts';
import { directConversationId } from '@im/common/utils/conversation-id.ts';
import type { Dialogue } from './dialogues.ts';
import { insist } from './insist.ts';

/** The server that is replayed to. */
export interface ReplayTarget {
  /** Speaks with the API key. */
  admin: ImClient;
  socketUrl: string;
  /** Keeps the people of this run apart from those of others. */
  runId: string;
}

/** The two people of a dialogue. */
export interface Pair {
  uids: readonly [string, string];
  conversationId: string;
  /** The device that each speaks on, offline and empty. */
  speakers: readonly [ImDevice, ImDevice];
  /** Another device of one of them, offline and empty. */
  device(person: 0 | 1, deviceId: string): Promise<ImDevice>;
}

/** Makes the two people of a dialogue through the server API, and makes them friends. */
export async function makePair(target: ReplayTarget, dialogue: Dialogue): Promise<Pair> {
  const externalIds = ['a', 'b'].map((name) => `replay-${target.runId}-${dialogue.number}-${name}`);
  const users = await Promise.all(
    externalIds.map((externalId, person) =>
      insist(() => upsertUser(target.admin, externalId, { nickname: `${dialogue.language} ${person + 1}` })),
    ),
  );
  const uids = [users[0]!.uid, users[1]!.uid] as const;

  const signIn = (person: 0 | 1, deviceId: string) => {
    const device: DeviceName = { deviceId, platform: 'BOT', name: 'replay' };
    return insist(() => issueTokens(target.admin, { uid: uids[person], device }));
  };
  const deviceOf = (signedIn: SignedIn) =>
    createDevice({ client: target.admin, socketUrl: target.socketUrl, signedIn });
  const friend = ({ user, tokens }: SignedIn) => ({
    client: target.admin.as(tokens.accessToken),
    uid: user.uid,
  });
  const [first, second] = await Promise.all([signIn(0, 'speaker'), signIn(1, 'speaker')]);
  await insist(() => makeFriends(friend(first), friend(second)));

  return {
    uids,
    conversationId: directConversationId(...uids),
    speakers: [deviceOf(first), deviceOf(second)],
    device: async (person, deviceId) => deviceOf(await signIn(person, deviceId)),
  };
}
