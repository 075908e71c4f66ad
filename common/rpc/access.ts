import { type DescMethod, getOption, hasOption } from '@bufbuild/protobuf';
import { ImError } from '../errors/im-error.ts';
import { type Access, access as accessOption } from '../gen/im/options/v1/options_pb.ts';
import type { Caller } from './context.ts';

/** Who may call a method, as its contract says; undefined when it says nothing. */
export function accessOf(method: DescMethod): Access | undefined {
  return hasOption(method, accessOption) ? getOption(method, accessOption) : undefined;
}

/**
 * Throws unless `caller` may call a method with this access: SIGN_IN_REQUIRED
 * for nobody, SCOPE_REQUIRED for an API key without the scope, else ACCESS_DENIED.
 */
export function checkAccess(access: Access | undefined, caller: Caller): void {
  if (access === undefined) throw denied();
  if (access.public) return;
  switch (caller.kind) {
    case 'nobody':
      throw new ImError('SIGN_IN_REQUIRED', 'sign in first');
    case 'user':
      if (access.user) return;
      throw denied();
    case 'apiKey':
      if (access.apiKey === '') throw denied();
      if (caller.scopes.includes(access.apiKey)) return;
      throw new ImError('SCOPE_REQUIRED', `the API key needs the scope "${access.apiKey}"`, {
        scope: access.apiKey,
      });
    case 'service':
      if (access.services.includes(caller.service)) return;
      throw denied();
  }
}

function denied(): ImError {
  return new ImError('ACCESS_DENIED', 'this caller may not call this method');
}
