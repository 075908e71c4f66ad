import { type RecordedDevice, recordedDevice } from '@im/common/testing/checker/recorded-device.ts';
import { type RecordedHttp, recordedHttp } from '@im/common/testing/checker/recorded-http.ts';
import type { Recorder } from '@im/common/testing/checker/recorder.ts';
import { issueTokens, makeFriends, refreshTokens, upsertUser } from '@im/common/testing/client/accounts.ts';
import type { DeviceOptions } from '@im/common/testing/client/device.ts';
import type { ImClient } from '@im/common/testing/client/http.ts';
import type { SignedIn, WireTokens } from '@im/common/testing/client/wire.ts';
import { directConversationId } from '@im/common/utils/conversation-id.ts';

const NAMES = ['ann', 'bob', 'cem', 'dan', 'eve', 'fay'];
/** Of a circle of people: who is a friend of whom, so many places on. */
const FRIENDS_AWAY = [1, 2];
/** Milliseconds before its end when an access token is renewed rather than used. */
const RENEW_BEFORE_MS = 60_000;

/** The servers that something is going to happen to. */
export interface Target {
  /** Speaks with the API key. */
  admin: ImClient;
  socketUrl: DeviceOptions['socketUrl'];
  recorder: Recorder;
  /** Told of every refusal that a device was answered. */
  onRefused?: DeviceOptions['onRefused'];
  /** Tells these people from those of other runs on the same servers. */
  circle?: string;
}

/** Someone with two devices, who also speaks over HTTP. */
export interface Person {
  readonly name: string;
  readonly uid: string;
  readonly devices: readonly RecordedDevice[];
  readonly http: RecordedHttp;
  /** Speaks for them over HTTP. */
  client(): Promise<ImClient>;
  /** Conversations they are or were in; grows with their friends and groups. */
  readonly conversations: string[];
  /** Groups among them that they are out of now, by what was answered. */
  readonly outOf: Set<string>;
  /** What they sent and was answered. */
  readonly sent: { conversationId: string; seq: number; clientMsgId: string }[];
  /** One more device, offline and empty. */
  device(deviceId: string): Promise<RecordedDevice>;
}

/** Makes people through the server API and friends by crossing requests. */
export async function makePeople(target: Target): Promise<Person[]> {
  const people = await Promise.all(NAMES.map((name) => makePerson(target, name)));
  for (const [place, person] of people.entries()) {
    for (const away of FRIENDS_AWAY) await befriend(person, people[(place + away) % people.length]!);
  }
  return people;
}

async function makePerson(target: Target, name: string): Promise<Person> {
  const { admin, recorder, socketUrl, onRefused, circle = 'crash' } = target;
  const { uid } = await upsertUser(admin, `${circle}-${name}`, { nickname: name });
  const signIn = (deviceId: string) => issueTokens(admin, { uid, device: { deviceId, platform: 'BOT' } });
  const device = async (deviceId: string) =>
    recordedDevice(recorder, `${name}-${deviceId}`, {
      client: admin,
      socketUrl,
      signedIn: await signIn(deviceId),
      onRefused,
    });
  const client = clientOf(admin, await signIn('http'));
  return {
    name,
    uid,
    devices: [await device('phone'), await device('laptop')],
    http: recordedHttp(recorder, { name: `${name}-http`, uid, client }),
    client,
    conversations: [],
    outOf: new Set(),
    sent: [],
    device,
  };
}

function clientOf(server: ImClient, signedIn: SignedIn): () => Promise<ImClient> {
  let tokens: WireTokens = signedIn.tokens;
  let renewing: Promise<WireTokens> | undefined;
  return async () => {
    if (Date.parse(tokens.accessTokenExpiresAt) - Date.now() < RENEW_BEFORE_MS) {
      renewing ??= refreshTokens(server, tokens.refreshToken).finally(() => {
        renewing = undefined;
      });
      tokens = await renewing;
    }
    return server.as(tokens.accessToken);
  };
}

async function befriend(one: Person, other: Person): Promise<void> {
  await makeFriends(
    { client: await one.client(), uid: one.uid },
    { client: await other.client(), uid: other.uid },
  );
  const conversationId = directConversationId(one.uid, other.uid);
  one.conversations.push(conversationId);
  other.conversations.push(conversationId);
}
