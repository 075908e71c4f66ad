import { expect, test } from 'vitest';
import { createPipe } from './pipe.ts';

async function* count(to: number) {
  for (let value = 1; value <= to; value++) yield value;
}

async function* hang() {
  await new Promise<never>(() => {});
  yield 0;
}

test('values are drawn when they are asked for, also before there is a source, in order', async () => {
  const pipe = createPipe((value: number) => value * 10);
  const asked = [pipe.next(), pipe.next()];
  const ended = pipe.open(count(3));
  expect(await Promise.all([...asked, pipe.next()])).toEqual([
    { done: false, value: 10 },
    { done: false, value: 20 },
    { done: false, value: 30 },
  ]);
  const last = pipe.next();
  await ended;
  pipe.close();
  expect(await last).toEqual({ done: true, value: undefined });
});

test('closing ends every reader at once although the source hangs; the first is told why', async () => {
  const pipe = createPipe((value: number) => value);
  const ended = pipe.open(hang());
  const [first, second] = [pipe.next(), pipe.next()];
  pipe.close(new Error('why'));
  await expect(first).rejects.toThrow('why');
  expect((await second).done).toBe(true);
  await ended;
});

test('a failure that nobody waits for is told to the next reader, once', async () => {
  const pipe = createPipe((value: number) => value);
  pipe.close(new Error('why'));
  await expect(pipe.next()).rejects.toThrow('why');
  expect((await pipe.next()).done).toBe(true);
});

test('a mapping that fails ends the source', async () => {
  let letGo = false;
  const source = (async function* () {
    try {
      yield* count(5);
    } finally {
      letGo = true;
    }
  })();
  const pipe = createPipe((value: number) => {
    if (value === 2) throw new Error('two');
    return value;
  });
  const ended = pipe.open(source);
  expect((await pipe.next()).value).toBe(1);
  const next = pipe.next();
  await expect(ended).rejects.toThrow('two');
  pipe.close();
  expect((await next).done).toBe(true);
  expect(letGo).toBe(true);
});

test('a source that does not behave fails the pipe', async () => {
  const pipe = createPipe((value: number) => value);
  const broken = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        throw new Error('broken');
      },
    }),
  };
  const ended = pipe.open(broken);
  pipe.next();
  await expect(ended).rejects.toThrow('broken');
  pipe.close();
  await expect(pipe.open(count(1))).resolves.toBeUndefined();
});
