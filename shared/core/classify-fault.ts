import type { FailureCode, RetriedCode } from '../contract/error-codes.ts';

/** What came back instead of an answer, in the service's own words. */
export interface ModelFault {
  /** Name of the error, such as `ThrottlingException`; of a broken connection, `ConnectionError`. */
  readonly name: string;
  readonly status: number | undefined;
  readonly message: string;
}

export type Verdict =
  | {
      readonly kind: 'throttled';
      readonly code: RetriedCode;
      readonly scope: 'tokens' | 'requests' | 'unknown';
    }
  | { readonly kind: 'throttled_for_today'; readonly code: RetriedCode }
  | { readonly kind: 'retry'; readonly code: RetriedCode }
  | { readonly kind: 'fail'; readonly code: FailureCode };

const throttle = (message: string): Verdict => {
  if (/per day|daily/i.test(message)) return { kind: 'throttled_for_today', code: 'throttled_for_today' };
  const scope = /token/i.test(message) ? 'tokens' : /request/i.test(message) ? 'requests' : 'unknown';
  return { kind: 'throttled', code: 'throttled', scope };
};

const CONTEXT =
  /input is too long|context (window|length|limit)|too many input tokens|too many tokens in|prompt is too long/i;

const BY_NAME: ReadonlyMap<string, (message: string) => Verdict> = new Map(
  Object.entries<(message: string) => Verdict>({
    ThrottlingException: throttle,
    // The model is being loaded: it passes like a throttle, and as little was paid.
    ModelNotReadyException: () => ({ kind: 'throttled', code: 'throttled', scope: 'unknown' }),
    ValidationException: (message) => ({
      kind: 'fail',
      code: CONTEXT.test(message) ? 'context_too_long' : 'model_rejected_request',
    }),
    ServiceQuotaExceededException: () => ({ kind: 'fail', code: 'model_rejected_request' }),
    AccessDeniedException: () => ({ kind: 'fail', code: 'model_access_denied' }),
    UnrecognizedClientException: () => ({ kind: 'fail', code: 'model_access_denied' }),
    // The credentials are renewed, or the clock is set right: nothing is wrong with the request.
    ExpiredTokenException: () => ({ kind: 'retry', code: 'service_fault' }),
    InvalidSignatureException: () => ({ kind: 'retry', code: 'service_fault' }),
    ResourceNotFoundException: () => ({ kind: 'fail', code: 'model_not_found' }),
  }),
);

/**
 * What to do after a call that was not answered. "Too many tokens" is a throttle, never an overflow of the
 * context. Whatever is unknown counts as a fault of the service: it is tried again, a limited number of times.
 */
export const classifyFault = (fault: ModelFault): Verdict => {
  const named = BY_NAME.get(fault.name);
  if (named !== undefined) return named(fault.message);
  if (fault.status === 429) return throttle(fault.message);
  if (fault.status === 403) return { kind: 'fail', code: 'model_access_denied' };
  if (fault.status === 404) return { kind: 'fail', code: 'model_not_found' };
  if (fault.status === 400) return { kind: 'fail', code: 'model_rejected_request' };
  return { kind: 'retry', code: 'service_fault' };
};
