import { join } from 'node:path';
import type { WireMessage, WireTokens } from '@im/common/testing/client/wire.ts';
import { untilTrue } from '@im/common/testing/until-true.ts';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { befriend, type Person, people, person } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

/** The client that the guide for clients shows, as a reader would take it. */
const { Device } = (await import(join(import.meta.dirname, '../../docs/client/device.js'))) as {
  Device: new (options: DeviceOptions) => Device;
};

interface DeviceOptions {
  http: string;
  tokens: WireTokens;
  onTokens?: (tokens: WireTokens) => void;
  onSignedOut?: (reason: string) => void;
}
interface Device {
  readonly state: { cursor?: string; epoch?: string; conversations: Map<string, unknown> };
  connect(): Promise<void>;
  close(): void;
  send(conversationId: string, content: object): Promise<WireMessage>;
  messages(conversationId: string): WireMessage[];
  older(conversationId: string): Promise<boolean>;
}

/** Milliseconds for what happens while connections come and go. */
const LONG_MS = 60_000;
const RealWebSocket = globalThis.WebSocket;
const sockets: WebSocket[] = [];
/** Which pushes get lost, and how many did. */
let loses: (data: string, socket: WebSocket) => boolean = () => false;
let lost = 0;
/** How many events a sync brings, where it is not for the server to say. */
let syncLimit: number | undefined;

/** The network between the client and the server. */
class BadWebSocket extends RealWebSocket {
  constructor(url: string, protocol: string) {
    super(url, protocol);
    sockets.push(this);
  }
  override send(data: string): void {
    const frame = JSON.parse(data);
    if (frame.sync && syncLimit) frame.sync.limit = syncLimit;
    super.send(JSON.stringify(frame));
  }
  override set onmessage(listener: (event: MessageEvent) => void) {
    this.addEventListener('message', (event) => {
      if (loses(event.data, this)) lost++;
      else listener(event);
    });
  }
}

let product: Product;
let ann: Person;
let bob: Person;
let conversationId: string;
const devices: Device[] = [];
const running: Promise<void>[] = [];
beforeAll(async () => {
  globalThis.WebSocket = BadWebSocket as typeof WebSocket;
  product = await startProduct();
  ({ ann, bob } = await people(product, 'ann', 'bob'));
  conversationId = await befriend(ann, bob);
});
afterEach(async () => {
  loses = () => false;
  syncLimit = undefined;
  for (const device of devices.splice(0)) device.close();
  await Promise.all(running.splice(0));
});
afterAll(async () => {
  globalThis.WebSocket = RealWebSocket;
  await product.stop();
});

/** A device of somebody's that has synced. */
async function online(of: Person, options: Partial<DeviceOptions> = {}): Promise<Device> {
  const { tokens } = (await of.another()).signedIn;
  const device = new Device({ http: product.server.httpUrl, tokens, ...options });
  devices.push(device);
  running.push(device.connect());
  await untilTrue(() => device.state.cursor !== undefined);
  return device;
}

const textsOf = (device: Device, id = conversationId) =>
  device.messages(id).map(({ content }) => content?.text?.text);
const say = (device: Device, text: string) => device.send(conversationId, { text: { text } });

test('whatever happens to connections, both sides hold every message once and in order', {
  timeout: LONG_MS,
}, async () => {
  const [sender, receiver] = [await online(ann), await online(bob)];
  let over = false;
  const cutting = (async () => {
    for (let i = 0; !over; i++) {
      sockets.at(-1 - (i % 2))?.close();
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  })();
  const names = Array.from({ length: 100 }, (_, i) => `message ${i}`);
  const sent = Promise.all(names.map((name) => say(sender, name)));
  await product.restart();
  const seqs = (await sent).map(({ seq }) => seq);
  over = true;
  await cutting;
  expect(new Set(seqs).size).toBe(names.length);
  for (const device of [sender, receiver]) {
    await untilTrue(() => textsOf(device).length >= names.length);
    expect(textsOf(device).slice(-names.length)).toEqual(names);
  }
});

test('a push that is lost is fetched when the next one shows the jump', async () => {
  const [sender, receiver] = [await online(ann), await online(bob)];
  const before = lost;
  const itsSocket = sockets.at(-1);
  loses = (data, socket) => socket === itsSocket && data.includes('lost on the way');
  await say(sender, 'lost on the way');
  await untilTrue(() => lost > before);
  loses = () => false;
  await say(sender, 'after it');
  await untilTrue(() => textsOf(receiver).includes('after it'));
  expect(textsOf(receiver).slice(-2)).toEqual(['lost on the way', 'after it']);
  expect(textsOf(sender).slice(-2)).toEqual(['lost on the way', 'after it']);
});

test('messages are shown as they stand now: edited, recalled, hidden', async () => {
  const [sender, receiver] = [await online(ann), await online(bob)];
  const [edited, recalled, hidden] = [
    await say(sender, 'to edit'),
    await say(sender, 'to recall'),
    await say(sender, 'to hide'),
  ];
  const path = ({ seq }: WireMessage) => `/v1/conversations/${conversationId}/messages/${seq}`;
  const content = { text: { text: 'edited' } };
  await ann.client.call('PATCH', path(edited), { clientMsgId: `e${edited.seq}`, content });
  await ann.client.call('POST', `${path(recalled)}/recall`, { clientMsgId: `r${recalled.seq}` });
  await bob.client.call('DELETE', path(hidden));
  await untilTrue(
    () => textsOf(receiver).slice(-2).join() === 'edited,' && textsOf(sender).includes('edited'),
  );
  expect(textsOf(receiver)).not.toContain('to hide');
  // One that comes later is told the same.
  const late = await online(bob);
  expect(textsOf(late).slice(-2)).toEqual(['edited', undefined]);
});

test('a restored server makes it drop its copy and sync afresh', async () => {
  const device = await online(bob);
  const before = textsOf(device);
  device.state.epoch = 'of another store';
  device.state.conversations.clear();
  sockets.at(-1)!.close();
  await untilTrue(() => device.state.epoch !== 'of another store' && device.state.cursor !== undefined);
  expect(textsOf(device)).toEqual(before);
});

test('a conversation with more than a sync brings begins with the newest; the rest is fetched page by page', async () => {
  const { carl } = await people(product, 'carl');
  const id = await befriend(ann, carl);
  const names = Array.from({ length: 120 }, (_, i) => `message ${i}`);
  await carl.say(id, names[0]!);
  const device = await online(ann);
  expect(textsOf(device, id)).toEqual(names.slice(0, 1));
  loses = (data) => data.startsWith('{"events"');
  for (const name of names.slice(1)) await carl.say(id, name);
  syncLimit = 20;
  sockets.at(-1)!.close();
  await untilTrue(() => textsOf(device, id).includes(names.at(-1)));
  expect(textsOf(device, id)).toEqual(names.slice(-20));
  while (await device.older(id));
  expect(textsOf(device, id)).toEqual(names);
});

test('somebody new writes: the conversation is there, and tokens that run out are renewed', async () => {
  const renewed: WireTokens[] = [];
  const { tokens } = (await ann.another()).signedIn;
  const device = new Device({
    http: product.server.httpUrl,
    tokens: { ...tokens, accessTokenExpiresAt: new Date().toISOString() },
    onTokens: (fresh) => renewed.push(fresh),
  });
  devices.push(device);
  running.push(device.connect());
  await untilTrue(() => device.state.cursor !== undefined);
  expect(renewed).toHaveLength(1);
  const dora = await person(product, 'dora');
  const id = await befriend(ann, dora);
  await dora.say(id, 'hello from somebody new');
  await untilTrue(() => textsOf(device, id).includes('hello from somebody new'));
});

test('a session that is revoked is told so, and what waits is refused', async () => {
  const reasons: string[] = [];
  const other = await bob.another();
  const device = new Device({
    http: product.server.httpUrl,
    tokens: other.signedIn.tokens,
    onSignedOut: (reason) => reasons.push(reason),
  });
  const ended = device.connect();
  await untilTrue(() => device.state.cursor !== undefined);
  await bob.client.call('DELETE', `/v1/sessions/${other.sessionId}`);
  await ended;
  expect(reasons).toEqual(['REVOKED']);
});

test('what the server refuses for good is refused to whoever sends it', async () => {
  const device = await online(ann);
  const stranger = await person(product, 'erik');
  await expect(device.send(`u:${stranger.uid}`, { text: { text: 'hello' } })).rejects.toMatchObject({
    reason: 'DIRECT_NOT_ALLOWED',
  });
  await expect(say(device, 'still here')).resolves.toMatchObject({ senderUid: ann.uid });
});
