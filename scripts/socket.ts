import { createInterface } from 'node:readline';

/** Signs in on a socket, sends each line of stdin as a frame and prints what comes. */

const USAGE =
  'usage: TOKEN=<access token> npm run -s socket -- [ws://127.0.0.1:8081/ws]   (frames on stdin, a line each)';

const token = process.env.TOKEN;
const url = process.argv[2] ?? 'ws://127.0.0.1:8081/ws';
if (!token || process.argv.length > 3) {
  console.error(USAGE);
  process.exit(2);
}

const unanswered = new Set(['hello']);
let ended = false;
const socket = new WebSocket(url, 'im.v1.json');
const closeWhenDone = () => {
  if (ended && unanswered.size === 0) socket.close();
};

socket.addEventListener('open', () => {
  socket.send(JSON.stringify({ id: 'hello', hello: { accessToken: token } }));
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    unanswered.add(idOf(line));
    socket.send(line);
  });
  lines.on('close', () => {
    ended = true;
    closeWhenDone();
  });
});
socket.addEventListener('message', ({ data }) => {
  console.log(data);
  unanswered.delete(JSON.parse(data).replyTo);
  closeWhenDone();
});
socket.addEventListener('error', () => {
  console.error(`no connection to ${url}`);
  process.exitCode = 1;
});
socket.addEventListener('close', ({ code }) => {
  if (code > 1005) console.error(`closed with ${code}`);
});

function idOf(line: string): string {
  try {
    return JSON.parse(line).id;
  } catch {
    return '';
  }
}
