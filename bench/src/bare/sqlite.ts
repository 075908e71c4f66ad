import { DatabaseSync } from 'node:sqlite';
import { serveBare } from './bare-server.ts';

/** The limit with a store: a row and one index a message, a transaction a tick, synchronous=FULL. */
const database = new DatabaseSync(process.argv[2]!);
database.exec(`
  pragma journal_mode = wal;
  pragma synchronous = full;
  create table message (seq integer primary key, conversation_id text, sender_uid text, client_msg_id text, at integer, text text);
  create unique index message_key on message (conversation_id, sender_uid, client_msg_id);
`);
const insert = database.prepare(
  'insert into message (seq, conversation_id, sender_uid, client_msg_id, at, text) values (?, ?, ?, ?, ?, ?)',
);
let seq = 0;

serveBare((messages) => {
  const at = Date.now();
  database.exec('begin immediate');
  const seqs = messages.map(({ conversationId, senderUid, clientMsgId, text }) => {
    seq += 1;
    insert.run(seq, conversationId, senderUid, clientMsgId, at, text);
    return seq;
  });
  database.exec('commit');
  return seqs;
});
