import { describeError } from '../../errors/describe-error.ts';
import { givenAddresses } from '../stack-addresses.ts';
import { ASK_AT, answerStack, isAsked } from './asked-stack.ts';
import { type Plan, planOf, whatWasTested } from './run-plan.ts';
import { type Stack, startStack } from './start-stack.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Milliseconds between two looks whether a test file asks for the servers. */
const LOOK_EVERY_MS = 50;

/**
 * Gives the servers of a cluster to a run of tests: those that the environment
 * names, else those that this machine can run, started when the first test file
 * asks and ended with the run. IM_TEST_STACK=required fails where there are
 * none, IM_TEST_STACK=off leaves the cluster out. The run's last line says what was
 * tested.
 */
export default function setUp(): () => Promise<void> {
  const plan = planOf(process.env);
  const temporary = temporaryFolder('im-stack-run-');
  const folder = temporary.path;
  process.env[ASK_AT] = folder;
  let answered: Promise<Stack | undefined> | undefined;
  const timer = setInterval(() => {
    if (!isAsked(folder)) return;
    clearInterval(timer);
    answered = answer(plan, folder);
  }, LOOK_EVERY_MS);

  return async () => {
    clearInterval(timer);
    const stack = await answered?.catch(() => undefined);
    await stack?.stop();
    temporary.remove();
    console.log(`tested: ${whatWasTested(plan, answered !== undefined, stack !== undefined)}`);
  };
}

async function answer(plan: Plan, folder: string): Promise<Stack | undefined> {
  switch (plan.way) {
    case 'given':
      answerStack(folder, { addresses: givenAddresses(process.env) });
      return undefined;
    case 'without':
      answerStack(folder, {});
      return undefined;
    case 'start':
      try {
        const stack = await startStack(plan);
        answerStack(folder, { addresses: stack.addresses });
        return stack;
      } catch (error) {
        answerStack(folder, { failure: `the servers of this run do not start: ${describeError(error)}` });
        return undefined;
      }
  }
}
