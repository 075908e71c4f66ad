// A process that makes a gated one, which would write the file it is told; it
// says its number, and lets it run only when there is a second argument.
import { tmpdir } from 'node:os';
import { atTheEnd, spawnGated } from './gated-process.ts';

const [file = '', run] = process.argv.slice(2);
const command = { file: '/bin/sh', args: ['-c', 'echo ran >"$1"; exec sleep 60', 'sh', file] };
const { pid, go } = spawnGated(command, tmpdir(), '/dev/null');
if (run !== undefined) {
  atTheEnd({ kill: pid, remove: run });
  go();
}
console.log(JSON.stringify({ pid }));
setInterval(() => {}, 1_000);
