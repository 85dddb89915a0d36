import type { Context } from 'hono';
import {
  AWS_INVOCATION_HEADER,
  PRIORITY_HEADER,
  SHOULD_RETRY_HEADER,
} from '../../shared/contract/door-routes.ts';
import { createProblem, type Problem } from '../../shared/contract/problem.ts';
import type { Result } from '../../shared/contract/request.ts';
import type { Json } from '../../shared/core/answers/json-members.ts';
import { problemOf } from '../../shared/core/dialects/answer-parts.ts';
import { type Answered, createAskAndWait } from '../../shared/flows/ask/ask-and-wait.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import { hasClientGone, leftOfCall } from '../runtime/client-left.ts';
import type { DoorDeps } from '../runtime/compose-doors.ts';
import { parseIdempotencyKey } from '../runtime/idempotency-key.ts';
import { problemResponse, toProblemResponse } from '../runtime/problem-response.ts';

export type Asked =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly response: Response };

/** Where nobody has said how long a call may be kept open. */
const UNSAID_SECONDS = 240;

const refusal = (response: Response): Asked => ({ ok: false, response });

/** The key under which the same call is the same request again. */
const keyOf = ({ req }: Context): string | undefined => {
  const own = parseIdempotencyKey(req.header('idempotency-key'));
  const invocation = req.header(AWS_INVOCATION_HEADER);
  return own ?? (invocation === undefined ? undefined : `${AWS_INVOCATION_HEADER}:${invocation}`);
};

const withPriority = (envelope: Json, { req }: Context): Json => {
  const priority = req.header(PRIORITY_HEADER);
  return priority === undefined ? envelope : { ...envelope, priority };
};

const notYet = (requestId: string, seconds: number): Problem =>
  createProblem('not_answered_yet', {
    detail: `${requestId} was accepted and goes on, but was not answered within ${seconds} seconds: read it at /v1/requests/${requestId}, or send this call with the same Idempotency-Key again.`,
    requestId,
  });

/** Asks the pipeline in the name of a caller, and waits for the answer as long as calls are kept open. */
export const createAsk = (deps: DoorDeps) => {
  const askAndWait = createAskAndWait(deps);
  const seconds = deps.settings.longest_answer_seconds ?? UNSAID_SECONDS;
  const placeFreeAfter = String(Math.ceil(deps.settings.average_request_duration));

  const toAsked = (answered: Answered, hasKey: boolean): Asked => {
    switch (answered.kind) {
      case 'refused':
        return refusal(
          toProblemResponse(
            answered.problem,
            answered.problem.code === 'too_many_waiting' ? { 'retry-after': placeFreeAfter } : {},
          ),
        );
      case 'ended':
        return answered.result.status === 'succeeded'
          ? { ok: true, result: answered.result }
          : // The pipeline has tried all that may be tried.
            refusal(toProblemResponse(problemOf(answered.result), { [SHOULD_RETRY_HEADER]: 'false' }));
      case 'pending':
        // Without a key the same call would be another request, and paid for twice.
        return refusal(
          toProblemResponse(notYet(answered.request.request_id, seconds), {
            [SHOULD_RETRY_HEADER]: String(hasKey),
          }),
        );
      case 'gone':
        return refusal(problemResponse('result_gone', { requestId: answered.requestId }));
    }
  };

  return async (context: Context, envelope: Json): Promise<Asked> => {
    const key = keyOf(context);
    const left = leftOfCall(context);
    const answered = await askAndWait({
      submission: {
        body: withPriority(envelope, context),
        door: 'http',
        provenTenant: tenantOfCaller(context),
        correlationId: context.get('correlationId'),
        ...(key === undefined ? {} : { idempotencyKey: key }),
      },
      atMostMs: seconds * 1000,
      ...(left === undefined ? {} : { left }),
      isAbandoned: () => key === undefined && hasClientGone(left),
    });
    return toAsked(answered, key !== undefined);
  };
};

export type Ask = ReturnType<typeof createAsk>;
