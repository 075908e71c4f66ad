export { loadAdminKey, loadKeys } from './keys.ts';
export { MODULES } from './modules.ts';
export { openServer, type RunningServer, type ServerOptions, startServer } from './start-server.ts';
