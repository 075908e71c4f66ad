import { ImError } from '@im/common/errors/im-error.ts';

/** The reason of the ImError that a call failed with; fails itself where the call succeeded. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  return (await refusedWith(call)).reason;
}

/** The ImError that a call failed with. */
export async function refusedWith(call: Promise<unknown>): Promise<ImError> {
  const outcome = await call.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
  if ('answer' in outcome) throw new Error('the call was expected to be refused');
  if (outcome.error instanceof ImError) return outcome.error;
  throw outcome.error;
}
