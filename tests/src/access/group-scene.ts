import type { WireGroup } from '@im/common/testing/client/wire.ts';
import { type Person, people } from '../support/people.ts';
import type { Product } from '../support/product.ts';
import { openGroup } from '../support/real-group.ts';

/** How somebody stands to a group. `nobody` has not signed in. */
export const MEMBERS = ['member', 'muted', 'admin', 'owner'] as const;
export const SIGNED_IN = ['outsider', 'former', ...MEMBERS] as const;
export type Kind = 'nobody' | (typeof SIGNED_IN)[number];
export type SignedIn = (typeof SIGNED_IN)[number];

/** One of each kind, and more to do things to. */
export type Cast = Record<SignedIn | 'bystander' | 'deputy' | 'friend', Person>;

export interface Scene {
  readonly groupId: string;
  readonly conversationId: string;
  readonly cast: Cast;
  /** A message that each of them sent before anybody was muted or removed. */
  readonly seqs: Readonly<Record<string, number>>;
  /** An open request of the outsider to join; for groups that approve. */
  readonly requestId: string;
}

export interface Setting {
  readonly joinPolicy?: WireGroup['joinPolicy'];
  readonly muteAll?: true;
  readonly dismissed?: true;
}

/** The people of all scenes: `friend` is a friend of every one of the others, and in no group. */
export async function createCast(product: Product): Promise<Cast> {
  const cast = await people(product, ...SIGNED_IN, 'bystander', 'deputy', 'friend');
  for (const kind of SIGNED_IN) {
    const [one, other] = [cast[kind], cast.friend];
    await one.client.call('POST', '/v1/friend-requests', { uid: other.uid });
    await other.client.call('POST', '/v1/friend-requests', { uid: one.uid });
  }
  return cast;
}

/** A new group with one of each kind, a bystander (a member) and a deputy (another admin). */
export async function setScene(product: Product, cast: Cast, setting: Setting): Promise<Scene> {
  const { outsider, former, member, muted, admin, owner, bystander, deputy } = cast;
  const { joinPolicy, muteAll, dismissed } = setting;
  const ask = joinPolicy === 'APPROVAL';
  const { groupId, conversationId } = await openGroup(product, owner, [former, member, muted, bystander], {
    admins: [admin, deputy],
    ...(joinPolicy && { patch: { joinPolicy } }),
  });
  const at = `/v1/groups/${groupId}`;
  const seqs: Record<string, number> = {};
  const senders = { former, member, muted, admin, owner, bystander, deputy };
  await Promise.all(
    Object.entries(senders).map(async ([kind, who]) => {
      seqs[kind] = (await who.say(conversationId, kind)).seq;
    }),
  );
  const requestId = ask ? (await outsider.client.call('POST', `${at}/join`)).request.requestId : 'none';
  await owner.client.call('DELETE', `${at}/members/${former.uid}`);
  const mutedUntil = new Date(Date.now() + 3_600_000).toISOString();
  await owner.client.call('PATCH', `${at}/members/${muted.uid}`, { mutedUntil });
  if (muteAll) await owner.client.call('PATCH', at, { muteAll });
  if (dismissed) await owner.client.call('DELETE', at);
  return { groupId, conversationId, cast, seqs, requestId };
}
