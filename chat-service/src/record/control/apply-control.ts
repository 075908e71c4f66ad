import type { ControlRecord } from '@im/common/gen/im/chat/v1/control_pb.ts';
import type { Batch } from '../../lane/batch.ts';
import type { ConversationDraft } from '../../lane/conversation-draft.ts';
import { changeProfile, openAccount, setAccountState } from './account.ts';
import type { ControlOrigin } from './control-origin.ts';
import { addFriendship, removeFriendship, setBlock } from './friendship.ts';
import { dismissGroup, updateGroup } from './group.ts';
import { addMembers, removeMembers, updateMember } from './members.ts';
import { notify } from './notice.ts';

/** Applies one control record; one that comes too late to mean anything is recorded as nothing. */
export function applyControl(batch: Batch, draft: ConversationDraft, record: ControlRecord): void {
  const origin: ControlOrigin = { actorUid: record.actorUid, at: Date.parse(record.at) || batch.now };
  const { kind } = record;
  switch (kind.case) {
    case 'addMembers':
      return addMembers(batch, draft, origin, kind.value);
    case 'removeMembers':
      return removeMembers(batch, draft, origin, kind.value);
    case 'updateMember':
      return updateMember(batch, draft, origin, kind.value);
    case 'updateGroup':
      return updateGroup(batch, draft, origin, kind.value);
    case 'dismissGroup':
      return dismissGroup(batch, draft, origin);
    case 'addFriendship':
      return addFriendship(batch, draft, origin, kind.value);
    case 'removeFriendship':
      return removeFriendship(batch, draft, origin, kind.value);
    case 'setBlock':
      return setBlock(batch, draft, kind.value);
    case 'notifyFriendRequest':
      return notify(batch, draft, origin, { case: 'friendRequest', value: { request: kind.value.request } });
    case 'notifyFriendAdded':
      return notify(batch, draft, origin, { case: 'friendAdded', value: { uid: kind.value.uid } });
    case 'notifyFriendRemoved':
      return notify(batch, draft, origin, { case: 'friendRemoved', value: { uid: kind.value.uid } });
    case 'openAccount':
      return openAccount(batch, draft);
    case 'setAccountState':
      return setAccountState(batch, draft, kind.value);
    case 'changeProfile':
      return changeProfile(batch, draft);
    case undefined:
      return;
    default:
      kind satisfies never;
  }
}
