import type { WireGroup } from '@im/common/testing/client/wire.ts';
import type { Person } from './people.ts';
import type { Product } from './product.ts';

export interface GroupOptions {
  admins?: readonly Person[];
  /** Changes of the group, as its owner makes them. */
  patch?: Partial<WireGroup>;
}

/** A group of group-service, made through the server API so that nobody has to be anybody's friend. */
export async function openGroup(
  product: Product,
  owner: Person,
  members: readonly Person[] = [],
  { admins = [], patch }: GroupOptions = {},
): Promise<WireGroup> {
  const memberUids = [...admins, ...members].map(({ uid }) => uid);
  const body = { name: '茶馆', ownerUid: owner.uid, memberUids };
  const { group } = await product.admin.call<{ group: WireGroup }>('POST', '/v1/admin/groups', body);
  const path = `/v1/groups/${group.groupId}`;
  for (const { uid } of admins) await owner.client.call('PATCH', `${path}/members/${uid}`, { role: 'ADMIN' });
  if (patch === undefined) return group;
  return (await owner.client.call<{ group: WireGroup }>('PATCH', path, patch)).group;
}
