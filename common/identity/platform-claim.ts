import { Platform_Value, Platform_ValueSchema } from '../gen/im/session/v1/session_pb.ts';

/** The claim `platform` of an access token: the name of its session's platform, such as `IOS`. */
export function platformClaim(platform: Platform_Value): string {
  return Platform_ValueSchema.value[platform]?.name ?? '';
}

/**
 * The platform that a claim names. UNSPECIFIED for anything else: a token of an
 * earlier or a later release is as good as any other.
 */
export function readPlatform(claim: unknown): Platform_Value {
  const value = Platform_ValueSchema.values.find(({ name }) => name === claim);
  return (value?.number ?? Platform_Value.UNSPECIFIED) as Platform_Value;
}
