// A process that serves over gRPC, to be paused and killed by tests. Says its port
// to the process that started it, and ends with it.
import { pino } from 'pino';
import { createGrpcServer } from '../server.ts';
import { namedServers } from './named-servers.ts';

const [bootId = '', port = '0'] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const grpc = await createGrpcServer({ host: '127.0.0.1', port: Number(port), bootId, log });
for (const server of namedServers(bootId)) grpc.add(server);
process.send?.(grpc.port);
process.on('disconnect', () => process.exit());
