import { Agent, request } from 'node:http';
import type { Person } from '../targets/target.ts';
import { type Percentiles, percentiles } from './latencies.ts';
import { createWindow } from './window.ts';

export interface ProfileSpec {
  readonly kind: 'profile';
  readonly httpUrls: readonly string[];
  readonly people: readonly Person[];
  readonly connections: number;
  readonly seconds: number;
}

export interface ProfileResult {
  readonly requests: number;
  readonly seconds: number;
  readonly answer: Percentiles;
}

/** `GET /v1/users/{uid}` on connections that are kept. */
export async function runProfileLoad(
  spec: ProfileSpec,
  mark: (name: 'open' | 'close') => Promise<void>,
): Promise<ProfileResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: spec.connections });
  const window = createWindow(spec.seconds, mark);
  const times: number[] = [];
  let requests = 0;
  async function ask(connection: number): Promise<void> {
    const { token } = spec.people[connection % spec.people.length]!;
    const url = spec.httpUrls[connection % spec.httpUrls.length]!;
    for (let i = connection; !window.over; i += 1) {
      const startedAt = performance.now();
      await get(`${url}/v1/users/${spec.people[i % spec.people.length]!.uid}`, token, agent);
      if (!window.open) continue;
      requests += 1;
      times.push(performance.now() - startedAt);
    }
  }
  await window.run(Promise.all(Array.from({ length: spec.connections }, (_, i) => ask(i))));
  agent.destroy();
  return { requests, seconds: window.seconds, answer: percentiles(times) };
}

function get(url: string, token: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`answered ${response.statusCode}`)),
      );
    })
      .on('error', reject)
      .end();
  });
}
