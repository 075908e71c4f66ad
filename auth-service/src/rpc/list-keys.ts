import type { AuthContext } from '../context.ts';

/** The public keys of all configured signing keys, those that do not sign yet or any more included. */
export async function listKeys(context: AuthContext) {
  return { keys: context.signingKeys.map((key) => key.publicJwk) };
}
