import { type CatchUpSpec, runCatchUpLoad } from './catch-up-load.ts';
import { type IdleSpec, runIdleLoad } from './idle-load.ts';
import { type ProfileSpec, runProfileLoad } from './profile-load.ts';
import { runSendLoad, type SendSpec } from './send-load.ts';

/** Clients in a process of their own: takes one spec from the parent, tells when its window opens and closes. */

export type LoadSpec = SendSpec | IdleSpec | CatchUpSpec | ProfileSpec;

process.once('message', async (spec: LoadSpec) => {
  process.send!({ result: await run(spec) });
  process.disconnect();
});

function run(spec: LoadSpec): Promise<object> {
  switch (spec.kind) {
    case 'send':
      return runSendLoad(spec, mark);
    case 'idle':
      return runIdleLoad(spec, mark);
    case 'catchUp':
      return runCatchUpLoad(spec, mark);
    case 'profile':
      return runProfileLoad(spec, mark);
  }
}

/** The parent looks at the server before the load goes on. */
function mark(name: 'open' | 'close'): Promise<void> {
  return new Promise((resolve) => {
    process.once('message', () => resolve());
    process.send!({ mark: name });
  });
}
