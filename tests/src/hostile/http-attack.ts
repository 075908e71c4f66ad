import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Random } from '../crash/random.ts';
import { mutatedBytes, mutatedText } from './mutate.ts';
import { oddKey, oddText } from './odd-values.ts';
import { type HttpSample, sampleRequests } from './requests.ts';
import type { Scene } from './scene.ts';
import type { Tally } from './tally.ts';

const TYPES = [
  'text/plain',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/protobuf',
  'json',
  '',
];
const METHODS = ['GET', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND', 'POST', 'PUT', 'PATCH'];
/** Above the limit of a body, in bytes. */
const TOO_LARGE = 1_048_577;
/** Far above what a request may take, in milliseconds. */
const PATIENCE_MS = 20_000;
/** Characters of an input that a violation shows. */
const SHOWN = 300;

interface Hostile {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** Sends one hostile request and counts what came of it. */
export type HttpAttack = (random: Random) => Promise<void>;

export function createHttpAttack(scene: Scene, tally: Tally): { attack: HttpAttack; close(): void } {
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(scene.product.server.httpUrl);

  async function send(hostile: Hostile): Promise<void> {
    const { method, path, headers, body } = hostile;
    const input = `${method} ${path} ${JSON.stringify(headers)} ${body.toString('latin1', 0, SHOWN)}`;
    try {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const options = { agent, hostname, port, method, path, headers, timeout: PATIENCE_MS };
        const asked = request(options, resolve);
        asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
        asked.on('error', reject);
        asked.end(body);
      });
      judge(method, answer.statusCode!, answer.headers['x-request-id'], await text(answer), input);
    } catch (error) {
      const { code = '' } = error as { code?: string };
      // A body refused half way: the answer may be lost with the connection.
      const hungUp = body.length >= TOO_LARGE && ['EPIPE', 'ECONNRESET'].includes(code);
      if (hungUp) return tally.count('http hung up on a large body');
      tally.violation(`http: ${error}; input: ${input}`);
    }
  }

  /** Bytes as they stand, which a well-behaved client library would not send. */
  async function sendRaw(bytes: Buffer): Promise<void> {
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer in time')));
    const input = bytes.toString('latin1', 0, SHOWN);
    try {
      socket.end(bytes);
      const answer = await text(socket);
      const [head = '', ...rest] = answer.split('\r\n\r\n');
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
      if (status === 0) return tally.count('raw http hung up on');
      const id = /^x-request-id: *(\S+)/im.exec(head)?.[1];
      if (status < 400) return tally.count(`raw http ${status}`);
      const body = /^transfer-encoding: chunked/im.test(head)
        ? ''
        : rest.join('\r\n\r\n').split('HTTP/1.1 ')[0]!;
      judge(/^HEAD /.test(input) ? 'HEAD' : 'raw', status, id, body, input);
    } catch (error) {
      if ((error as { code?: string }).code === 'ECONNRESET') return tally.count('raw http hung up on');
      tally.violation(`raw http: ${error}; input: ${input}`);
    } finally {
      socket.destroy();
    }
  }

  function judge(method: string, status: number, id: unknown, body: string, input: string): void {
    const where = method === 'raw' ? 'raw http' : 'http';
    if (status >= 200 && status < 400) return tally.count(`${where} ${status}`);
    if (status >= 500 && status !== 503 && status !== 504) {
      return tally.violation(`${where}: ${status} ${body}; input: ${input}`);
    }
    if (method === 'HEAD') return tally.count(`${where} ${status} to HEAD`);
    const { error } = (parsed(body) ?? {}) as { error?: { code?: number; requestId?: string } };
    if (error && error.code !== status)
      tally.violation(`${where}: ${status} says ${error.code}; input: ${input}`);
    if (error && error.requestId !== id) tally.violation(`${where}: another X-Request-Id; input: ${input}`);
    tally.error(where, error, `${input}; body: ${body.slice(0, SHOWN)}`);
  }

  return {
    async attack(random) {
      const hostile = disguised(random, random.pick(sampleRequests(scene, random)));
      if (random.chance(0.04)) return sendRaw(mutatedBytes(random, asBytes(hostile)));
      return send(hostile);
    },
    close: () => agent.destroy(),
  };
}

function disguised(random: Random, sample: HttpSample): Hostile {
  const hostile: Hostile = {
    method: sample.route.split(' ')[0]!,
    path: sample.path,
    headers: {
      'content-type': 'application/json',
      ...(sample.token !== undefined && { authorization: `Bearer ${sample.token}` }),
    },
    body: mutatedText(random, sample.body),
  };
  if (random.chance(0.06)) hostile.method = random.pick(METHODS);
  if (random.chance(0.06)) hostile.path = oddPath(random, hostile.path);
  if (random.chance(0.06))
    hostile.path += `?${oddKey(random)}=${oddText(random)}&pageSize=-1&${oddText(random)}`;
  if (random.chance(0.05)) hostile.headers['content-type'] = random.pick(TYPES);
  if (random.chance(0.05)) hostile.headers.authorization = oddAuthorization(random, sample.token ?? 'x');
  if (random.chance(0.05)) {
    const name = random.pick([
      'x-request-id',
      'origin',
      'x-forwarded-for',
      'cookie',
      'accept',
      'if-none-match',
      'x',
    ]);
    hostile.headers[name] = headerText(oddText(random));
  }
  if (random.chance(0.003)) hostile.body = Buffer.alloc(TOO_LARGE, random.pick(['a', '[', '{"a":', '"']));
  hostile.path = `/${headerText(encodeURI(hostile.path.toWellFormed()).slice(1, 4_000)).replaceAll(' ', '')}`;
  if (random.chance(0.02))
    hostile.path += random.pick(['%', '%ff', '%00', '%c0%ae', '//', '/..;/', '?%', '??']);
  hostile.headers['content-length'] = String(hostile.body.length);
  return hostile;
}

function oddPath(random: Random, path: string): string {
  const parts = path.split('/');
  parts[2 + random.below(parts.length - 2)] = oddText(random);
  return parts.join('/');
}

function oddAuthorization(random: Random, token: string): string {
  const [head, body, signature] = token.split('.');
  return headerText(
    random.pick([
      'Bearer',
      'Bearer ',
      `Basic ${token}`,
      `Bearer ${head}.${body}.`,
      `Bearer ${head}.${signature}.${body}`,
      `Bearer ${token.slice(0, random.below(token.length))}`,
      `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`,
      `Bearer ${oddText(random)}`,
      `Bearer ${'a'.repeat(8_000)}`,
    ]),
  );
}

/** What of it may stand in a header. */
function headerText(value: string): string {
  return value.replace(/[^\x20-\x7e\x80-\xff]/g, '').slice(0, 8_100);
}

function asBytes({ method, path, headers, body }: Hostile): Buffer {
  const lines = Object.entries({ host: 'x', connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return Buffer.concat([
    Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1'),
    body,
  ]);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
