import type { Context } from 'hono';
import {
  AWS_INVOCATION_HEADER,
  PRIORITY_HEADER,
  SHOULD_RETRY_HEADER,
} from '../../shared/contract/door-routes.ts';
import { createProblem, type Problem } from '../../shared/contract/problem.ts';
import type { PendingRequest, Result } from '../../shared/contract/request.ts';
import { isObject } from '../../shared/core/answers/json-members.ts';
import { problemOf } from '../../shared/core/dialects/answer-parts.ts';
import { type Answered, createBeginAsking } from '../../shared/flows/ask/begin-asking.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import { hasClientGone, leftOfCall } from '../runtime/client-left.ts';
import type { DoorDeps } from '../runtime/compose-doors.ts';
import { parseIdempotencyKey } from '../runtime/idempotency-key.ts';
import { problemResponse, toProblemResponse } from '../runtime/problem-response.ts';

export type Asked =
  | { readonly ok: true; readonly result: Result }
  /** `pending`: it goes on, and was only not waited for any longer. */
  | { readonly ok: false; readonly response: Response; readonly pending?: PendingRequest };

/** Where nobody has said how long a call may be kept open. */
const UNSAID_SECONDS = 240;

const refusal = (response: Response) => ({ ok: false, response }) as const;

/** The key under which the same call is the same request again. */
const keyOf = ({ req }: Context): string | undefined => {
  const own = parseIdempotencyKey(req.header('idempotency-key'));
  const invocation = req.header(AWS_INVOCATION_HEADER);
  return own ?? (invocation === undefined ? undefined : `${AWS_INVOCATION_HEADER}:${invocation}`);
};

const withPriority = (envelope: unknown, { req }: Context): unknown => {
  const priority = req.header(PRIORITY_HEADER);
  return priority === undefined || !isObject(envelope) ? envelope : { ...envelope, priority };
};

const notYet = (requestId: string, seconds: number): Problem =>
  createProblem('not_answered_yet', {
    detail: `${requestId} was accepted and goes on, but was not answered within ${seconds} seconds: read it at /v1/requests/${requestId}, or send this call with the same Idempotency-Key again.`,
    requestId,
  });

/** A call that was accepted: its answer is on its way, or it is not. */
export type Begun =
  | { readonly ok: true; readonly requestId: string; readonly answer: () => Promise<Asked> }
  | { readonly ok: false; readonly response: Response };

export interface Ask {
  /** Accepts, and lets whoever asks do something until the answer is there. */
  begin(context: Context, envelope: unknown, atMostSeconds?: number): Promise<Begun>;
  /** Accepts, and waits for the answer as long as calls are kept open. */
  whole(context: Context, envelope: unknown, atMostSeconds?: number): Promise<Asked>;
}

/** Asks the pipeline in the name of a caller. */
export const createAsk = (deps: DoorDeps): Ask => {
  const beginAsking = createBeginAsking(deps);
  const seconds = deps.settings.longest_answer_seconds ?? UNSAID_SECONDS;
  const placeFreeAfter = String(Math.ceil(deps.settings.average_request_duration));

  const toRefusal = (problem: Problem): Response =>
    toProblemResponse(problem, problem.code === 'too_many_waiting' ? { 'retry-after': placeFreeAfter } : {});

  const toAsked = (answered: Answered, hasKey: boolean): Asked => {
    switch (answered.kind) {
      case 'ended':
        return answered.result.status === 'succeeded'
          ? { ok: true, result: answered.result }
          : // The pipeline has tried all that may be tried.
            refusal(toProblemResponse(problemOf(answered.result), { [SHOULD_RETRY_HEADER]: 'false' }));
      case 'pending':
        // Without a key the same call would be another request, and paid for twice.
        return {
          ...refusal(
            toProblemResponse(notYet(answered.request.request_id, seconds), {
              [SHOULD_RETRY_HEADER]: String(hasKey),
            }),
          ),
          pending: answered.request,
        };
      case 'gone':
        return refusal(problemResponse('result_gone', { requestId: answered.requestId }));
    }
  };

  const begin: Ask['begin'] = async (context, envelope, atMostSeconds = seconds) => {
    const key = keyOf(context);
    const left = leftOfCall(context);
    const begun = await beginAsking({
      submission: {
        body: withPriority(envelope, context),
        door: 'http',
        provenTenant: tenantOfCaller(context),
        correlationId: context.get('correlationId'),
        ...(key === undefined ? {} : { idempotencyKey: key }),
      },
      atMostMs: atMostSeconds * 1000,
      ...(left === undefined ? {} : { left }),
      isAbandoned: () => key === undefined && hasClientGone(left),
    });
    if (begun.kind === 'refused') return { ok: false, response: toRefusal(begun.problem) };
    const { requestId, answer } = begun;
    return { ok: true, requestId, answer: async () => toAsked(await answer(), key !== undefined) };
  };

  return {
    begin,
    whole: async (context, envelope, atMostSeconds) => {
      const begun = await begin(context, envelope, atMostSeconds);
      return begun.ok ? begun.answer() : begun;
    },
  };
};
