// Takes the place of the client `mysql` that is in the image of MySQL: runs the
// statements of --execute, or of its input, against the server that LOCAL_PORT and
// LOCAL_SOCKET name.
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { createConnection } from 'mysql2/promise';

/** Milliseconds to connect, and for one statement. */
const TIMEOUT_MS = 10_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { host: { type: 'string' }, user: { type: 'string' }, execute: { type: 'string' } },
});
const { LOCAL_PORT, LOCAL_SOCKET, MYSQL_PWD } = process.env;
// Like the original: without a host it comes by the socket.
const where =
  values.host === undefined ? { socketPath: LOCAL_SOCKET } : { host: values.host, port: Number(LOCAL_PORT) };
const connection = await createConnection({
  ...where,
  user: values.user,
  password: MYSQL_PWD,
  database: positionals[0],
  connectTimeout: TIMEOUT_MS,
  multipleStatements: true,
});
try {
  await connection.query({ sql: values.execute ?? (await text(process.stdin)), timeout: TIMEOUT_MS });
} finally {
  connection.destroy();
}
