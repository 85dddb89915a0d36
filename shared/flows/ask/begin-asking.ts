import type { Problem } from '../../contract/problem.ts';
import type { PendingRequest, Result } from '../../contract/request.ts';
import type { AcceptDeps } from '../accept/accept-deps.ts';
import { createAcceptRequests } from '../accept/accept-requests.ts';
import { createGather, HTTP_COMPANY } from '../accept/gather.ts';
import type { Submission } from '../accept/submission.ts';
import { type AwaitDeps, createAwaitRequest } from '../await-request.ts';
import { type CancelDeps, createCancelRequest } from '../cancel-request.ts';

export type AskDeps = AcceptDeps & AwaitDeps & CancelDeps;

export interface Question {
  readonly submission: Submission & { readonly provenTenant: string };
  readonly atMostMs: number;
  /** Aborted when nobody waits any more. */
  readonly left?: AbortSignal;
  /** Whether nobody will come for the answer, asked when nobody waits any more: then it need not be paid for. */
  readonly isAbandoned: () => boolean;
}

export type Answered =
  | { readonly kind: 'ended'; readonly result: Result }
  /** The time is up, or nobody waits any more; it goes on. */
  | { readonly kind: 'pending'; readonly request: PendingRequest }
  /** Of an earlier call with the same key, whose result is no longer kept. */
  | { readonly kind: 'gone'; readonly requestId: string };

export type Begun =
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'accepted'; readonly requestId: string; readonly answer: () => Promise<Answered> };

/** Makes a request durable as any other; whoever asked may then wait for its end. */
export const createBeginAsking = (deps: AskDeps) => {
  const accept = createGather(createAcceptRequests(deps), HTTP_COMPANY);
  const awaitEnd = createAwaitRequest(deps);
  const cancel = createCancelRequest(deps);

  const abandon = async (requestId: string, tenant: string): Promise<void> => {
    try {
      await cancel({ requestId, tenant });
    } catch (error) {
      deps.telemetry.log('warn', 'abandoned_not_canceled', { request_id: requestId, error: String(error) });
    }
  };

  return async ({ submission, atMostMs, left, isAbandoned }: Question): Promise<Begun> => {
    const acceptance = await accept(submission);
    if (acceptance.kind !== 'accepted') return { kind: 'refused', problem: acceptance.problem };
    const { requestId, tenant } = acceptance.item;
    const waiting = left === undefined ? {} : { left };
    const answer = async (): Promise<Answered> => {
      const reading = await awaitEnd({ requestId, tenant, atMostMs, ...waiting });
      if (reading.kind === 'ended') return { kind: 'ended', result: reading.result };
      if (reading.kind !== 'pending') return { kind: 'gone', requestId };
      if (isAbandoned()) await abandon(requestId, tenant);
      return { kind: 'pending', request: reading.request };
    };
    return { kind: 'accepted', requestId, answer };
  };
};
