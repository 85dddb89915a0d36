import type { Fault, Problem } from '../../contract/problem.ts';
import type { RequestItem } from '../../contract/request-item.ts';
import { fingerprintOf } from '../../core/fingerprint.ts';
import { headerKeyFaults } from '../../core/header-key-faults.ts';
import { holdRequest, type NewRequest } from '../../core/hold-request.ts';
import { createRequestId, deriveRequestId } from '../../core/request-id.ts';
import { type Validation, type ValidEnvelope, validateEnvelope } from '../../core/validate-envelope.ts';
import type { AcceptDeps } from './accept-deps.ts';
import { toRefusalProblem } from './refuse.ts';
import type { Submission } from './submission.ts';

/** A submission without faults, as the request that it would become. */
export interface Candidate {
  readonly kind: 'candidate';
  readonly submission: Submission;
  readonly fresh: NewRequest;
  /** Its id comes from what was sent, so that it may have been accepted before. */
  readonly repeatable: boolean;
  /** What it was accepted as, where that is known already. */
  readonly existing?: RequestItem;
}

export type Examined = Candidate | { readonly kind: 'refused'; readonly problem: Problem };

const derivedId = (submission: Submission, { tenant, envelope }: ValidEnvelope): string | undefined => {
  const { batch, messageId } = submission;
  if (batch !== undefined) return deriveRequestId({ kind: 'member', batchId: batch.id, index: batch.index });
  const key = submission.idempotencyKey ?? envelope.idempotency_key;
  if (key !== undefined) return deriveRequestId({ kind: 'key', tenant, key });
  return messageId === undefined ? undefined : deriveRequestId({ kind: 'message', tenant, messageId });
};

const keyFaults = ({ body, idempotencyKey }: Submission): readonly Fault[] =>
  headerKeyFaults(idempotencyKey, (body as { readonly idempotency_key?: unknown } | null)?.idempotency_key);

const validate = (submission: Submission, body: unknown, nowMs: number, deps: AcceptDeps): Validation =>
  validateEnvelope(body, {
    settings: deps.settings,
    nowMs,
    ...(submission.provenTenant === undefined ? {} : { provenTenant: submission.provenTenant }),
  });

const toCandidate = (
  submission: Submission,
  valid: ValidEnvelope,
  nowMs: number,
  deps: AcceptDeps,
): Candidate => {
  const derived = derivedId(submission, valid);
  const requestId = derived ?? createRequestId(nowMs, deps.randomBytes);
  const fingerprint = fingerprintOf(submission.body as Readonly<Record<string, unknown>>);
  const { batch, correlationId } = submission;
  const accepting = {
    requestId,
    fingerprint,
    acceptedAtMs: nowMs,
    ...(batch === undefined ? {} : { batch }),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
  const fresh = holdRequest(accepting, valid);
  return { kind: 'candidate', submission, fresh, repeatable: derived !== undefined };
};

/** A request that was accepted in time stays so when it is sent again after its deadline. */
const afterDeadline = async (
  submission: Submission,
  faults: readonly Fault[],
  deps: AcceptDeps,
): Promise<Candidate | undefined> => {
  if (!faults.every(({ code }) => code === 'deadline_unreachable')) return undefined;
  const { deadline: _, ...body } = submission.body as Readonly<Record<string, unknown>>;
  const nowMs = deps.clock.nowMs();
  const validation = validate(submission, body, nowMs, deps);
  if (!validation.ok) return undefined;
  const candidate = toCandidate(submission, validation.valid, nowMs, deps);
  if (!candidate.repeatable) return undefined;
  const existing = await deps.requests.read(candidate.fresh.item.requestId);
  return existing === undefined ? undefined : { ...candidate, existing };
};

/** All that is wrong with a submission, or what it would become. Nothing is written. */
export const examine = async (submission: Submission, deps: AcceptDeps): Promise<Examined> => {
  const nowMs = submission.acceptedAtMs ?? deps.clock.nowMs();
  const validation = validate(submission, submission.body, nowMs, deps);
  const faults = [...(validation.ok ? [] : validation.faults), ...keyFaults(submission)];
  if (validation.ok && faults.length === 0) return toCandidate(submission, validation.valid, nowMs, deps);
  const late = await afterDeadline(submission, faults, deps);
  return late ?? { kind: 'refused', problem: toRefusalProblem(faults) };
};
