import type { BatchMember } from '../../contract/batch-item.ts';
import type { FaultCode } from '../../contract/error-codes.ts';
import { limit } from '../../contract/limits.ts';
import type { Fault, Problem } from '../../contract/problem.ts';
import { createProblem } from '../../contract/problem.ts';
import type { RequestItem } from '../../contract/request-item.ts';
import type { Settings } from '../../contract/settings.ts';
import { fingerprintOf } from '../../core/fingerprint.ts';
import { holdRequest, type NewRequest } from '../../core/hold-request.ts';
import { createRequestId, deriveRequestId } from '../../core/request-id.ts';
import { type Validation, type ValidEnvelope, validateEnvelope } from '../../core/validate-envelope.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Objects } from '../../ports/objects.ts';
import type { PoolStore } from '../../ports/pool-store.ts';
import type { Queues } from '../../ports/queues.ts';
import type { RequestStore } from '../../ports/request-store.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { TenantStore } from '../../ports/tenant-store.ts';
import { toRefusalProblem } from './refuse.ts';
import { sendToLanes } from './send-to-lanes.ts';
import { wakePools } from './wake-pools.ts';

export interface AcceptDeps {
  readonly settings: Settings;
  readonly requests: RequestStore;
  readonly pools: PoolStore;
  readonly tenants: TenantStore;
  readonly queues: Queues;
  readonly objects: Objects;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
}

export interface Submission {
  /** Parsed JSON. */
  readonly body: unknown;
  readonly door: 'http' | 'queue' | 'batch';
  /** Proven by the credential, over HTTP. */
  readonly provenTenant?: string;
  /** From the header, over HTTP. */
  readonly idempotencyKey?: string;
  /** SQS's id, on the queue: tells deliveries of one message from another message. */
  readonly messageId?: string;
  /** Of a batch: its id comes from its place there. */
  readonly batch?: BatchMember;
  /** When it was promised, if that was before now: all its times count from there. */
  readonly acceptedAtMs?: number;
}

export type Acceptance =
  | { readonly kind: 'accepted'; readonly item: RequestItem; readonly replayed: boolean }
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'unavailable'; readonly problem: Problem };

const refused = (faults: readonly Fault[]): Acceptance => ({
  kind: 'refused',
  problem: toRefusalProblem(faults),
});

const unavailable: Acceptance = { kind: 'unavailable', problem: createProblem('temporarily_unavailable') };

const chooseId = (submission: Submission, valid: ValidEnvelope, deps: AcceptDeps): string => {
  const { tenant, envelope } = valid;
  if (submission.batch !== undefined)
    return deriveRequestId({ kind: 'member', batchId: submission.batch.id, index: submission.batch.index });
  const key = submission.idempotencyKey ?? envelope.idempotency_key;
  if (key !== undefined) return deriveRequestId({ kind: 'key', tenant, key });
  if (submission.messageId !== undefined)
    return deriveRequestId({ kind: 'message', tenant, messageId: submission.messageId });
  return createRequestId(deps.clock.nowMs(), deps.randomBytes);
};

/** Faults of the key that came in a header, told as if it had come in the body. */
const keyFaults = ({ body, idempotencyKey: key }: Submission): readonly Fault[] => {
  if (key === undefined) return [];
  const fault = (code: FaultCode, detail: string): Fault => ({ pointer: '/idempotency_key', code, detail });
  const inBody = (body as { readonly idempotency_key?: unknown } | null)?.idempotency_key;
  const longest = limit('idempotency_key_characters');
  return [
    ...([...key].length > longest
      ? [fault('out_of_range', `in the header \`Idempotency-Key\` must be at most ${longest} characters`)]
      : []),
    ...(inBody !== undefined && inBody !== key
      ? [fault('conflicting_fields', 'differs from the header `Idempotency-Key`; keep one')]
      : []),
  ];
};

/** A request whose state item is durable; it counts only once its lane message is, too. */
interface Stored {
  readonly acceptance: Acceptance;
  readonly toSend?: NewRequest;
}

const replay = (submission: Submission, fresh: NewRequest, existing: RequestItem): Stored => {
  if (existing.fingerprint !== fresh.item.fingerprint)
    return {
      acceptance: {
        kind: 'refused',
        problem: createProblem('idempotency_conflict', { requestId: existing.requestId }),
      },
    };
  const acceptance: Acceptance = { kind: 'accepted', item: existing, replayed: true };
  // The first delivery may have died between its two writes: the claim makes a second lane message harmless.
  // A producer that asks again for what has ended gets its answer again: the drain that meets it repeats it.
  const again =
    existing.status === 'queued' || (submission.door === 'queue' && existing.status !== 'running');
  const held = { ...fresh.held, accepted_at_ms: existing.acceptedAtMs, expires_at_ms: existing.expiresAtMs };
  return again ? { acceptance, toSend: { item: existing, held } } : { acceptance };
};

const validate = (submission: Submission, body: unknown, nowMs: number, deps: AcceptDeps): Validation =>
  validateEnvelope(body, {
    settings: deps.settings,
    nowMs,
    ...(submission.provenTenant === undefined ? {} : { provenTenant: submission.provenTenant }),
  });

const toNewRequest = (
  submission: Submission,
  valid: ValidEnvelope,
  nowMs: number,
  deps: AcceptDeps,
): NewRequest =>
  holdRequest(
    {
      requestId: chooseId(submission, valid, deps),
      fingerprint: fingerprintOf(submission.body as Readonly<Record<string, unknown>>),
      acceptedAtMs: nowMs,
      ...(submission.batch === undefined ? {} : { batch: submission.batch }),
    },
    valid,
  );

const create = async (submission: Submission, fresh: NewRequest, deps: AcceptDeps): Promise<Stored> => {
  const creation = await deps.requests.create(fresh.item);
  return creation.kind === 'exists'
    ? replay(submission, fresh, creation.item)
    : { acceptance: { kind: 'accepted', item: fresh.item, replayed: false }, toSend: fresh };
};

/** A request that was accepted in time stays so when it is sent again after its deadline. */
const replayAfterDeadline = async (
  submission: Submission,
  faults: readonly Fault[],
  deps: AcceptDeps,
): Promise<Stored | undefined> => {
  if (!faults.every(({ code }) => code === 'deadline_unreachable')) return undefined;
  const { deadline: _, ...body } = submission.body as Readonly<Record<string, unknown>>;
  const nowMs = deps.clock.nowMs();
  const validation = validate(submission, body, nowMs, deps);
  if (!validation.ok) return undefined;
  const fresh = toNewRequest(submission, validation.valid, nowMs, deps);
  const existing = await deps.requests.read(fresh.item.requestId);
  return existing === undefined ? undefined : replay(submission, fresh, existing);
};

const store = async (submission: Submission, deps: AcceptDeps): Promise<Stored> => {
  const nowMs = submission.acceptedAtMs ?? deps.clock.nowMs();
  const validation = validate(submission, submission.body, nowMs, deps);
  const faults = [...(validation.ok ? [] : validation.faults), ...keyFaults(submission)];
  try {
    if (validation.ok && faults.length === 0)
      return await create(submission, toNewRequest(submission, validation.valid, nowMs, deps), deps);
    return (await replayAfterDeadline(submission, faults, deps)) ?? { acceptance: refused(faults) };
  } catch (error) {
    deps.telemetry.log('error', 'request_not_stored', { error: String(error) });
    return { acceptance: unavailable };
  }
};

const count = (acceptances: readonly Acceptance[], door: string, telemetry: Telemetry): void => {
  const accepted = acceptances.filter(({ kind }) => kind === 'accepted').length;
  const refusals = acceptances.filter(({ kind }) => kind === 'refused').length;
  if (accepted > 0) telemetry.measure('RequestsAccepted', accepted, { door });
  if (refusals > 0) telemetry.measure('RequestsRefused', refusals, { door });
};

/**
 * Makes requests durable. One is accepted only when both its state item and its lane message are written;
 * a crash between the two is healed by whoever sends it again.
 */
export const createAcceptRequests =
  (deps: AcceptDeps) =>
  async (submissions: readonly Submission[]): Promise<readonly Acceptance[]> => {
    const stored = await Promise.all(submissions.map((submission) => store(submission, deps)));
    const toSend = stored.flatMap(({ toSend: request }) => (request === undefined ? [] : [request]));
    const unsent = await sendToLanes(toSend, deps);
    await wakePools([...new Set(toSend.map(({ item }) => item.pool))], deps);
    const acceptances = stored.map(({ acceptance, toSend: request }) =>
      request !== undefined && unsent.has(request) ? unavailable : acceptance,
    );
    const door = submissions[0]?.door;
    if (door !== undefined) count(acceptances, door, deps.telemetry);
    return acceptances;
  };
