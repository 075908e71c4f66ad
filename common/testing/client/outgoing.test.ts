import { expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { ApiError, ConnectionLost } from './api-error.ts';
import { createOutgoing, type OutgoingRequest } from './outgoing.ts';
import type { WireMessage } from './wire.ts';

function send(clientMsgId: string): OutgoingRequest {
  return { kind: 'sendMessage', body: { conversationId: 's:1:2', clientMsgId, content: {} } };
}

function messageOf(request: OutgoingRequest, seq: number): WireMessage {
  return { ...request.body, seq, senderUid: '1', sentAt: '', reactions: [], asOfSeq: seq } as WireMessage;
}

function refusal(reason: string): ApiError {
  return new ApiError(
    { code: 503, status: '', reason, message: '', metadata: {}, requestId: '' },
    'sendMessage',
  );
}

test('what a lost connection left unacknowledged goes out again, in order and under the same ids', async () => {
  const outgoing = createOutgoing();
  outgoing.connect(() => Promise.reject(new ConnectionLost('cut')));
  const acked = ['a', 'b', 'c'].map((id) => outgoing.send(send(id)));
  await eventually(() => expect(outgoing.unacked).toBe(3));
  outgoing.connect(undefined);
  const seen: string[] = [];
  outgoing.connect(async (request) => {
    seen.push(request.body.clientMsgId);
    return messageOf(request, seen.length);
  });
  await Promise.all(acked);
  expect(seen).toEqual(['a', 'b', 'c']);
  expect(outgoing.unacked).toBe(0);
});

test('after a refusal of the moment everything refused is sent again in order, new sends behind it', async () => {
  const outgoing = createOutgoing();
  const stored: string[] = [];
  let refusing = true;
  outgoing.connect(async (request) => {
    await Promise.resolve();
    if (refusing) throw refusal(request.body.clientMsgId === 'a' ? 'OVERLOADED' : 'EARLIER_SEND_REFUSED');
    stored.push(request.body.clientMsgId);
    return messageOf(request, stored.length);
  });
  const first = [outgoing.send(send('a')), outgoing.send(send('b'))];
  await new Promise(setImmediate);
  refusing = false;
  await Promise.all([...first, outgoing.send(send('c'))]);
  expect(stored).toEqual(['a', 'b', 'c']);
});

test("a refusal for good is the sender's to see", async () => {
  const outgoing = createOutgoing();
  outgoing.connect(() => Promise.reject(refusal('DIRECT_NOT_ALLOWED')));
  await expect(outgoing.send(send('a'))).rejects.toMatchObject({ reason: 'DIRECT_NOT_ALLOWED' });
  expect(outgoing.unacked).toBe(0);
});
