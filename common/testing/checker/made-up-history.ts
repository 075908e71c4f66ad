import { eventOf } from '../client/conversation-copy.ts';
import { targetOf } from '../client/fold-message.ts';
import type { WireEvent, WireMessage } from '../client/wire.ts';
import type { HistoryEntry, Member, Request, State } from './history.ts';

/** What happens next in a history that is made up. */
export type Step =
  | { what: 'send'; who: number; where: number; via: 'socket' | 'http'; fate: Fate }
  | { what: 'edit' | 'recall'; which: number; fate: Fate }
  | { what: 'repeat'; which: number }
  | { what: 'mark'; who: number; where: number; seq: number }
  | { what: 'comeAndGo' }
  | { what: 'sync'; device: number };

/** What becomes of a request: answered, stored without an answer, or lost. */
export type Fate = 'answered' | 'unknown' | 'lost';

const DIRECT = 's:1:2';
const GROUP = 'g:9';
export const CONVERSATIONS = [DIRECT, GROUP] as const;
/** The third is only in the group, and only now and then. */
const UIDS = ['1', '2', '3'] as const;
const DEVICES = ['1-a', '1-b', '2-a', '3-a'] as const;

/** Nobody of these conversations. */
export const OUTSIDER = '4';

/**
 * A history that keeps every promise, as a good server and good clients make
 * it: two friends, a group whose third member comes and goes, four devices.
 */
export function makeUpHistory(steps: readonly Step[]): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  const logs = new Map<string, WireEvent[]>(CONVERSATIONS.map((id) => [id, []]));
  const members: Member[] = [
    { entry: 'member', conversationId: GROUP, uid: '1', fromSeq: 1 },
    { entry: 'member', conversationId: GROUP, uid: '2', fromSeq: 1 },
  ];
  const marks = new Map<string, number>();
  const cursors = new Map<string, { cursor: string; heads: Map<string, number> }>();
  const sent: { uid: string; seq: number; request: Request & { kind: 'sendMessage' } }[] = [];
  let clock = 0;

  const log = (id: string) => logs.get(id)!;
  const uidOf = (device: string) => device.split('-')[0]!;
  const isIn = (id: string, uid: string, seq: number) =>
    id === DIRECT
      ? uid === '1' || uid === '2'
      : members.some((span) => span.uid === uid && span.fromSeq <= seq && seq <= (span.toSeq ?? seq));
  const presentSpan = () => members.find((span) => span.uid === '3' && span.toSeq === undefined);

  /** An event as someone gets it when the log is as long as `asOf`; undefined when it is not for them. */
  function viewOf(event: WireEvent, uid: string, asOf: number): WireEvent | undefined {
    const { conversationId, seq } = event;
    if (!isIn(conversationId, uid, seq)) return undefined;
    if (event.message) return eventOf(messageView(event.message, uid, asOf));
    const target = targetOf(event);
    if (!event.edited || target === undefined) return event;
    const erased = log(conversationId).some(
      (other) => other.recalled?.targetSeq === target && other.seq <= asOf,
    );
    if (!erased && isIn(conversationId, uid, target)) return event;
    return { ...event, edited: { targetSeq: target } };
  }

  function messageView(message: WireMessage, uid: string, asOf: number): WireMessage {
    const { conversationId, seq } = message;
    let view = { ...message, asOfSeq: asOf };
    for (const change of log(conversationId).slice(0, asOf)) {
      if (targetOf(change) !== seq) continue;
      if (change.recalled) {
        const { content: _, ...blank } = view;
        view = { ...blank, recalledAt: change.at };
      } else if (change.edited?.content && isIn(conversationId, uid, change.seq)) {
        view = { ...view, content: change.edited.content, editedAt: change.at };
      }
    }
    return view;
  }

  function append(conversationId: string, actorUid: string, kind: Partial<WireEvent>): number {
    const event = {
      conversationId,
      seq: log(conversationId).length + 1,
      at: `time ${++clock}`,
      actorUid,
      ...kind,
    };
    log(conversationId).push(event);
    return event.seq;
  }

  /** All devices of those who may see it are told at once. */
  function push(conversationId: string, seq: number): void {
    for (const device of DEVICES) {
      const event = viewOf(log(conversationId)[seq - 1]!, uidOf(device), seq);
      if (event) entries.push({ entry: 'saw', device, uid: uidOf(device), by: 'push', event });
    }
  }

  function present(conversationId: string, uid: string, seq: number): WireMessage {
    return messageView(log(conversationId)[seq - 1]!.message!, uid, log(conversationId).length);
  }

  function ask(uid: string, via: 'socket' | 'http', request: Request, fate: Fate, store: () => number): void {
    const asked = { device: via === 'http' ? `${uid}-http` : `${uid}-a`, uid, via, request };
    entries.push({ entry: 'invoked', ...asked });
    if (fate === 'lost') return;
    const seq = store();
    if (fate === 'unknown') return;
    const answer = { message: present(request.body.conversationId, uid, seq) };
    entries.push({ entry: 'answered', ...asked, answer });
  }

  function send(step: Step & { what: 'send' }): void {
    const uid = UIDS[step.who % UIDS.length]!;
    const conversationId = CONVERSATIONS[step.where % CONVERSATIONS.length]!;
    if (
      !isIn(conversationId, uid, Number.MAX_SAFE_INTEGER) &&
      !(uid === '3' && conversationId === GROUP && presentSpan())
    )
      return;
    const clientMsgId = `id-${++clock}`;
    const content = { text: { text: `text of ${clientMsgId}` } };
    const request = { kind: 'sendMessage' as const, body: { conversationId, clientMsgId, content } };
    ask(uid, step.via, request, step.fate, () => {
      const seq = append(conversationId, uid, {});
      const { at } = log(conversationId)[seq - 1]!;
      const message = {
        conversationId,
        seq,
        senderUid: uid,
        clientMsgId,
        sentAt: at,
        content,
        reactions: [],
        asOfSeq: seq,
      };
      log(conversationId)[seq - 1] = eventOf(message);
      sent.push({ uid, seq, request });
      mark(conversationId, uid, seq);
      push(conversationId, seq);
      return seq;
    });
  }

  function mark(conversationId: string, uid: string, seq: number): number {
    const name = `${conversationId} ${uid}`;
    marks.set(name, Math.max(marks.get(name) ?? 0, seq));
    return marks.get(name)!;
  }

  function change(kind: 'edit' | 'recall', which: number, fate: Fate): void {
    const target = sent[which % Math.max(1, sent.length)];
    if (!target) return;
    const { uid, seq } = target;
    const { conversationId } = target.request.body;
    // Who left may change nothing, and what was recalled is not edited.
    if (uid === '3' && !(presentSpan() && isIn(conversationId, uid, seq))) return;
    if (kind === 'edit' && present(conversationId, uid, seq).recalledAt) return;
    const clientMsgId = `id-${++clock}`;
    const body = { conversationId, seq, clientMsgId };
    const content = { text: { text: `text of ${clientMsgId}` } };
    const request: Request =
      kind === 'edit' ? { kind: 'editMessage', body: { ...body, content } } : { kind: 'recallMessage', body };
    ask(uid, 'socket', request, fate, () => {
      // A second recall changes nothing.
      if (present(conversationId, uid, seq).recalledAt) return seq;
      const kindOfEvent =
        kind === 'edit' ? { edited: { targetSeq: seq, content } } : { recalled: { targetSeq: seq } };
      push(conversationId, append(conversationId, uid, kindOfEvent));
      return seq;
    });
  }

  function markRead(step: Step & { what: 'mark' }): void {
    const uid = UIDS[step.who % 2]!;
    const conversationId = CONVERSATIONS[step.where % CONVERSATIONS.length]!;
    const head = log(conversationId).length;
    if (head === 0) return;
    const request = { kind: 'markRead' as const, body: { conversationId, seq: 1 + (step.seq % head) } };
    const asked = { device: `${uid}-a`, uid, via: 'socket' as const, request };
    const readSeq = mark(conversationId, uid, request.body.seq);
    entries.push(
      { entry: 'invoked', ...asked },
      { entry: 'answered', ...asked, answer: { readSeq, unread: 0 } },
      { entry: 'sawMark', device: '1-b', uid: '1', conversationId, reader: uid, seq: readSeq },
    );
  }

  function comeAndGo(): void {
    const open = presentSpan();
    const seq = log(GROUP).length + 1;
    if (open) open.toSeq = seq;
    else members.push({ entry: 'member', conversationId: GROUP, uid: '3', fromSeq: seq });
    const uids = ['3'];
    append(
      GROUP,
      '1',
      open ? { memberRemoved: { uids, left: true } } : { memberAdded: { uids, inviterUid: '1' } },
    );
    push(GROUP, seq);
  }

  function sync(device: string): void {
    const uid = uidOf(device);
    const before = cursors.get(device);
    const heads = new Map(CONVERSATIONS.map((id) => [id, log(id).length] as const));
    const due = CONVERSATIONS.map((id) => ({
      id,
      events: log(id)
        .slice(before?.heads.get(id) ?? 0)
        .flatMap((event) => viewOf(event, uid, log(id).length) ?? []),
    })).filter(({ events }) => events.length > 0);
    const cursor = `cursor ${++clock}`;
    cursors.set(device, { cursor, heads });
    entries.push({
      entry: 'synced',
      device,
      uid,
      ...(before ? { from: before.cursor } : {}),
      to: cursor,
      more: false,
      conversations: due.map(({ id, events }) => ({
        conversationId: id,
        headSeq: events.at(-1)!.seq,
        seqs: events.map((event) => event.seq),
      })),
    });
    for (const { events } of due)
      for (const event of events) entries.push({ entry: 'saw', device, uid, by: 'sync', event });
  }

  function end(device: string, of: State['of']): void {
    const uid = uidOf(device);
    for (const conversationId of CONVERSATIONS) {
      const own = log(conversationId).flatMap(
        (event) => viewOf(event, uid, log(conversationId).length) ?? [],
      );
      if (own.length === 0) continue;
      const messages = own.flatMap((event) => event.message ?? []);
      const readSeq = marks.get(`${conversationId} ${uid}`) ?? 0;
      const unread = messages.filter((message) => message.seq > readSeq).length;
      const peer = marks.get(`${conversationId} ${uid === '1' ? '2' : '1'}`) ?? 0;
      const peerReadSeq = conversationId === DIRECT ? { peerReadSeq: peer } : {};
      const summary = { headSeq: own.at(-1)!.seq, readSeq, unread, ...peerReadSeq };
      const lines = own.map(({ seq, message }) => ({
        seq,
        ...(message ? { senderUid: message.senderUid, clientMsgId: message.clientMsgId } : {}),
      }));
      const who = { device, uid, conversationId };
      if (of === 'copy') {
        entries.push(
          { entry: 'displayed', ...who, lines },
          { entry: 'held', ...who, seqs: lines.map(({ seq }) => seq) },
        );
      }
      const events = own.filter((event) => !event.message);
      entries.push({
        entry: 'state',
        of,
        ...who,
        messages,
        events,
        ...(of === 'history' ? {} : { summary }),
      });
    }
  }

  for (const device of DEVICES) entries.push({ entry: 'welcomed', device, uid: uidOf(device), epoch: 'one' });
  for (const step of steps) {
    if (step.what === 'send') send(step);
    else if (step.what === 'edit' || step.what === 'recall') change(step.what, step.which, step.fate);
    else if (step.what === 'mark') markRead(step);
    else if (step.what === 'comeAndGo') comeAndGo();
    else if (step.what === 'sync') sync(DEVICES[step.device % DEVICES.length]!);
    else if (sent.length > 0) {
      const again = sent[step.which % sent.length]!;
      ask(again.uid, 'http', again.request, 'answered', () => again.seq);
    }
  }
  for (const device of DEVICES) sync(device);
  for (const device of DEVICES) end(device, 'copy');
  for (const uid of UIDS) end(`${uid}-new`, 'fresh');
  for (const uid of UIDS) end(`${uid}-reader`, 'history');
  return [...entries, ...members];
}
