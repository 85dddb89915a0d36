import type { Context } from 'hono';
import type { Settings } from '../../shared/contract/settings.ts';
import { type Operator, operatorOf } from '../../shared/core/controls/operator-of.ts';
import { arnOfCall } from './authenticate.ts';
import { callerOf } from './caller.ts';

/** Whether the caller may steer: a key may when it has the scope, which was checked; others when the settings name them. */
export const operatorOfCall = (context: Context, { operators }: Pick<Settings, 'operators'>): Operator => {
  const { keyId } = callerOf(context);
  return keyId === undefined
    ? operatorOf(operators ?? [], arnOfCall(context))
    : { kind: 'operator', by: `api-key:${keyId}` };
};
