import type { Platform_Value, SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';

/** Rows as they are stored; times are milliseconds since 1970. */
export interface SessionTables {
  session: SessionRow;
  online_session: OnlineSessionRow;
  revocation: RevocationRow;
  session_store: SessionStoreRow;
}

export interface SessionRow {
  session_id: string;
  uid: string;
  device_id: string;
  platform: Platform_Value;
  name: string;
  created_at: number;
  last_seen_at: number;
  address: string;
  generation: number;
  newest_hash: string;
  previous_hash: string;
  rotated_at: number;
  expires_at: number;
  /** 0 while it lives. */
  ended_at: number;
}

/** A session that a gateway holds a socket of. */
export interface OnlineSessionRow {
  session_id: string;
  gateway_boot_id: string;
  /** When the gateway last said so. */
  reported_at: number;
}

export interface RevocationRow {
  /** Given under the lock of the session_store row, so its order is the order of commits. */
  revocation_no: number;
  session_id: string;
  uid: string;
  reason: SignOutReason_Value;
  at: number;
}

/** One row, id 1. */
export interface SessionStoreRow {
  id: number;
  born_at: number;
  last_revocation_no: number;
}
