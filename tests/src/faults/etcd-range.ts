/** Milliseconds one question may take. */
const ASK_MS = 5_000;

/** Keys with this prefix and their values, as etcd's own HTTP interface gives them. */
export async function etcdRange(host: string, prefix: string): Promise<Map<string, string>> {
  const response = await fetch(`http://${host}/v3/kv/range`, {
    method: 'POST',
    body: JSON.stringify({ key: base64(prefix), range_end: base64(endOf(prefix)) }),
    signal: AbortSignal.timeout(ASK_MS),
  });
  const { kvs = [] } = (await response.json()) as { kvs?: { key: string; value: string }[] };
  return new Map(kvs.map(({ key, value }) => [text(key), text(value)]));
}

/** The first key after all that begin with it. */
function endOf(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

const base64 = (value: string) => Buffer.from(value).toString('base64');
const text = (value: string) => Buffer.from(value, 'base64').toString();
