import type { Context } from 'hono';
import type { Settings } from '../../shared/contract/settings.ts';
import { type Operator, operatorOf } from '../../shared/core/controls/operator-of.ts';

/** As API Gateway tells who signed a call, in the payload 2.0. */
interface SignedEvent {
  readonly requestContext?: {
    readonly authorizer?: { readonly iam?: { readonly userArn?: unknown } | null } | null;
  };
}

const arnOf = (context: Context): string | undefined => {
  const { event } = (context.env ?? {}) as { readonly event?: SignedEvent };
  const arn = event?.requestContext?.authorizer?.iam?.userArn;
  return typeof arn === 'string' && arn !== '' ? arn : undefined;
};

/** Whether the caller may steer. The gateway has checked the signature; its word about who signed is not the caller's. */
export const operatorOfCall = (context: Context, { operators }: Pick<Settings, 'operators'>): Operator =>
  operatorOf(operators ?? [], arnOf(context));
