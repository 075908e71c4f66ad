// A device of one user: a small client that keeps all promises, for browsers and Node.js 22 or newer.
// It holds everything in memory; an app keeps `state` and the tokens on disk and begins with them.

/** Refusals that say "not now": the same request, with the same clientMsgId, may succeed a moment later. */
const PASSING = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED', 'RESOURCE_EXHAUSTED']);
const ANSWER_MS = 15_000;
const RENEW_BEFORE_MS = 60_000;
const SEND_AGAIN_MS = 200;
const RECONNECT = { firstMs: 200, mostMs: 10_000 };

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The server refused, with its error as it stands: `reason`, `status`, `metadata` … */
export class Refused extends Error {
  constructor(error) {
    super(`${error.reason}: ${error.message}`);
    Object.assign(this, error);
  }
}

export class Device {
  /** What is held: the cursor, the epoch it is of, and the conversations. */
  state = { cursor: undefined, epoch: undefined, conversations: new Map() };
  #options;
  #tokens;
  #socket;
  #asked = new Map();
  #lastId = 0;
  #unsent = [];
  #sending = false;
  #incoming = Promise.resolve();
  #wanted = false;

  /**
   * `http`: such as `https://chat.example.com`. `tokens`: of a login. `onTokens` is given the new ones each
   * time: keep them, the old ones are used up. `onChange` is told which conversation to draw anew.
   */
  constructor({ http, tokens, onTokens = () => {}, onChange = () => {}, onSignedOut = () => {} }) {
    this.#options = { http, onTokens, onChange, onSignedOut };
    this.#tokens = tokens;
  }

  /** Goes online and stays so, whatever happens to connections. */
  async connect() {
    this.#wanted = true;
    for (let failures = 0; this.#wanted; failures++) {
      try {
        await this.#session();
        failures = 0;
      } catch (error) {
        // Its session is over: only a new login helps.
        if (error.status === 'UNAUTHENTICATED' && error.reason !== 'TOKEN_EXPIRED')
          this.#signOut(error.reason);
      }
      const most = Math.min(RECONNECT.mostMs, RECONNECT.firstMs * 2 ** failures);
      if (this.#wanted) await sleep(Math.random() * most);
    }
  }

  close() {
    this.#wanted = false;
    this.#socket?.close();
  }

  /** Resolves once it is stored, however many connections that takes. Rejects with Refused. */
  send(conversationId, content) {
    const body = { conversationId, clientMsgId: crypto.randomUUID(), content };
    return new Promise((resolve, reject) => {
      this.#unsent.push({ body, resolve, reject });
      this.#sendAll();
    });
  }

  /** The messages held of a conversation, in order and in their present state. */
  messages(conversationId) {
    const { events, hidden, summary } = this.#conversation(conversationId);
    const cleared = summary?.settings.clearedSeq ?? 0;
    const messages = new Map();
    for (const event of [...events.values()].sort((one, other) => one.seq - other.seq)) {
      const isShown = event.seq > cleared && !hidden.has(event.seq);
      if (event.message && isShown) messages.set(event.seq, event.message);
      const target = messages.get(event.edited?.targetSeq ?? event.recalled?.targetSeq);
      // A message includes what happened up to its asOfSeq.
      if (target === undefined || event.seq <= target.asOfSeq) continue;
      if (event.recalled) messages.set(target.seq, { ...target, content: undefined, recalledAt: event.at });
      // Without content it is not for us.
      else if (event.edited.content && !target.recalledAt)
        messages.set(target.seq, { ...target, content: event.edited.content, editedAt: event.at });
    }
    return [...messages.values()];
  }

  /** Fetches a page of what is below the oldest held; false where there is none. */
  async older(conversationId) {
    const held = this.#conversation(conversationId);
    const { messages, events, fromSeq } = await this.#ask('getMessages', {
      conversationId,
      beforeSeq: held.first,
    });
    this.#hold(held, [...messages.map(eventOf), ...events]);
    const found = fromSeq > 0 && fromSeq < held.first;
    if (found) held.first = fromSeq;
    return found;
  }

  // --- A connection, from its first frame to its end ---

  async #session() {
    const { socketUrl } = await this.#call('GET', '/v1/config');
    await this.#refreshTokens();
    const socket = new WebSocket(socketUrl, 'im.v1.json');
    const closed = new Promise((resolve) => {
      socket.onclose = ({ code }) => {
        for (const { reject } of this.#asked.values())
          reject(new Error(`the connection closed with ${code}`));
        this.#asked.clear();
        resolve(code);
      };
    });
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    let timers = [];
    try {
      await Promise.race([
        new Promise((resolve) => {
          socket.onopen = resolve;
        }),
        closed,
      ]);
      const { heartbeatSeconds } = await this.#hello('hello');
      timers = [
        // A connection that died silently is noticed by the answer that does not come.
        setInterval(() => this.#ask('ping', {}, 'pong').catch(() => {}), heartbeatSeconds * 1_000),
        setInterval(() => this.#renew().catch(() => socket.close()), RENEW_BEFORE_MS / 4),
      ];
      this.#queue(() => this.#sync());
      await this.#incoming;
      this.#sendAll();
      if ((await closed) === 4003) this.#signOut('SESSION_REVOKED');
    } finally {
      timers.forEach(clearInterval);
      this.#socket = undefined;
      socket.close();
      await closed;
    }
  }

  async #hello(kind) {
    try {
      return await this.#ask(kind, { accessToken: this.#tokens.accessToken }, 'welcome');
    } catch (error) {
      // By the server's clock it is over already.
      if (error.reason === 'TOKEN_EXPIRED') this.#tokens.accessTokenExpiresAt = new Date(0).toISOString();
      throw error;
    }
  }

  async #renew() {
    if (await this.#refreshTokens()) await this.#hello('renew');
  }

  /** Whether the tokens were about to run out. */
  async #refreshTokens() {
    if (Date.parse(this.#tokens.accessTokenExpiresAt) - Date.now() > RENEW_BEFORE_MS) return false;
    const { refreshToken } = this.#tokens;
    this.#tokens = (await this.#call('POST', '/v1/token/refresh', { refreshToken })).tokens;
    this.#options.onTokens(this.#tokens);
    return true;
  }

  async #call(method, path, body) {
    const answer = await fetch(this.#options.http + path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const json = await answer.json();
    if (!answer.ok) throw new Refused(json.error);
    return json;
  }

  /** Asks over the socket and gives the answer. */
  #ask(kind, body, answerKind = kind) {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      if (socket?.readyState !== WebSocket.OPEN) throw new Error('there is no connection');
      const id = String(++this.#lastId);
      // Unanswered means unknown: begin anew on another connection.
      const timer = setTimeout(() => socket.close(), ANSWER_MS);
      const settle = (use) => (value) => {
        clearTimeout(timer);
        use(value);
      };
      this.#asked.set(id, {
        resolve: settle((frame) => resolve(frame[answerKind])),
        reject: settle(reject),
      });
      socket.send(JSON.stringify({ id, [kind]: body }));
    });
  }

  // --- What comes in: one after another ---

  #queue(work) {
    // What fails here is mended by the sync of the next connection: the cursor has not moved.
    this.#incoming = this.#incoming.then(work).catch(() => this.#socket?.close());
  }

  #take(frame) {
    if (frame.replyTo !== undefined) {
      const asked = this.#asked.get(frame.replyTo);
      this.#asked.delete(frame.replyTo);
      if (frame.error) asked?.reject(new Refused(frame.error));
      else asked?.resolve(frame);
      return;
    }
    for (const event of frame.events?.events ?? []) this.#queue(() => this.#takeEvent(event));
    if (frame.changed) this.#queue(() => this.#takeChanged(frame.changed));
    if (frame.resync) this.#queue(() => this.#sync());
    if (frame.drain) setTimeout((socket) => socket.close(), frame.drain.reconnectAfterMs, this.#socket);
    if (frame.signedOut) this.#signOut(frame.signedOut.reason);
  }

  /** Pages from the cursor on; the cursor moves with what it stands for. */
  async #sync() {
    for (let more = true; more; ) {
      const { cursor } = this.state;
      const page = await this.#ask('sync', cursor === undefined ? {} : { cursor });
      if (cursor !== undefined && page.epoch !== this.state.epoch) {
        this.#forget();
        continue;
      }
      this.#takeChanged(page);
      for (const { conversationId, headSeq, events, complete } of page.conversations) {
        const held = this.#conversation(conversationId);
        if (!complete) {
          // What lies between is fetched when somebody looks at it.
          held.events.clear();
          held.first = events[0]?.seq ?? headSeq + 1;
        }
        this.#hold(held, events);
        held.last = Math.max(held.last, headSeq);
      }
      this.state.cursor = page.cursor;
      this.state.epoch = page.epoch;
      more = page.more;
    }
  }

  async #takeEvent(event) {
    const held = this.#conversation(event.conversationId);
    if (event.seq <= held.last) return; // a repeat
    // A conversation that is new to us: sync says where it begins.
    if (held.summary === undefined) await this.#sync();
    // A jump: ask once for what lies between. What is missing in the answer is not for this user.
    while (event.seq > held.last + 1) {
      const range = { fromSeq: held.last + 1, toSeq: event.seq - 1 };
      const { messages, events, toSeq } = await this.#ask('getMessages', {
        conversationId: event.conversationId,
        ...range,
      });
      this.#hold(held, [...messages.map(eventOf), ...events]);
      held.last = toSeq > held.last ? toSeq : range.toSeq;
    }
    this.#hold(held, [event]);
    held.last = event.seq;
  }

  /** What is ours alone: unread counts, settings, read marks, messages we hid. */
  #takeChanged({ conversations, hidden }) {
    for (const { events, complete, ...summary } of conversations) {
      this.#conversation(summary.conversationId).summary = summary;
      this.#options.onChange(summary.conversationId);
    }
    for (const { conversationId, seqs } of hidden) {
      for (const seq of seqs) this.#conversation(conversationId).hidden.add(seq);
      this.#options.onChange(conversationId);
    }
  }

  /** Shown once: an event is held by its seq. */
  #hold(held, events) {
    for (const event of events) held.events.set(event.seq, event);
    if (events.length > 0) this.#options.onChange(held.conversationId);
  }

  /** All events from `first` to `last` are held, or are not for this user. */
  #conversation(conversationId) {
    const { conversations } = this.state;
    const held = conversations.get(conversationId) ?? {
      conversationId,
      summary: undefined,
      events: new Map(),
      hidden: new Set(),
      first: 1,
      last: 0,
    };
    conversations.set(conversationId, held);
    return held;
  }

  /** The server was restored from a backup: what is held may never have been. */
  #forget() {
    this.state = { cursor: undefined, epoch: undefined, conversations: new Map() };
  }

  #signOut(reason) {
    if (!this.#wanted) return;
    this.close();
    for (const { reject } of this.#unsent.splice(0)) reject(new Error(`signed out: ${reason}`));
    this.#options.onSignedOut(reason);
  }

  // --- What goes out: one at a time, so that it keeps its order ---

  async #sendAll() {
    if (this.#sending) return;
    this.#sending = true;
    while (this.#unsent.length > 0 && this.#socket !== undefined) {
      const [{ body, resolve, reject }] = this.#unsent;
      try {
        const { message } = await this.#ask('sendMessage', body);
        this.#queue(() => this.#takeEvent(eventOf(message)));
        this.#unsent.shift();
        resolve(message);
      } catch (error) {
        if (!(error instanceof Refused)) break; // the next connection goes on
        if (PASSING.has(error.status)) await sleep(SEND_AGAIN_MS);
        else {
          this.#unsent.shift();
          reject(error);
        }
      }
    }
    this.#sending = false;
  }
}

/** The event that brought a message. */
function eventOf(message) {
  const { conversationId, seq, sentAt, senderUid } = message;
  return { conversationId, seq, at: sentAt, actorUid: senderUid, message };
}
