import type { Context } from 'hono';
import type { Caller } from '../../shared/core/identity/caller.ts';

/** Who calls. A route that was reached without a caller has no business to act for one. */
export const callerOf = (context: Context): Caller => {
  const caller = context.get('caller') as Caller | undefined;
  if (caller === undefined) throw new Error(`${context.req.routePath} was reached without a caller`);
  return caller;
};

/** The tenant that a caller's credential proves. */
export const tenantOfCaller = (context: Context): string => callerOf(context).tenant;
